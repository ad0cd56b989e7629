//! Exchanges a bearer token for an access token.

use super::claims::Claims;
use super::signing_key::SigningKey;
use super::{ACCESS_TOKEN_TTL, AccessToken, Audience};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, Credential, Principal, authenticate};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::Role;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::tokens::whoami::BearerKind;
use crate::tokens::{Scope, Token, join_scopes};

/// Parameters of an exchange.
#[derive(Clone, Debug)]
pub struct ExchangeParams {
    /// The service that the access token is for.
    pub audience: Audience,
    /// What the access token allows. `None` for all that the bearer may do.
    pub scopes: Option<Vec<Scope>>,
    /// The only organization that the access token is for. `None` for that of the bearer, if it has one.
    pub client_id: Option<OrganizationId>,
}

/// The principal of an access token, and the organization that it is for with the role in it.
struct Holder {
    principal: Principal,
    membership: Option<(OrganizationId, Role)>,
}

/// Signs an access token for the bearer of the request. It is valid for [`ACCESS_TOKEN_TTL`], but no longer than the
/// bearer. Writes nothing but the use of the bearer.
///
/// Takes one round trip, and a second one for a personal token that is limited to an organization which the request
/// does not name.
///
/// # Errors
///
/// * The errors of authentication, and those of authorization in the organization that the token is for.
/// * [`Error::BearerRequired`] for a session.
/// * [`Error::InsufficientScope`] if the bearer lacks one of the scopes.
pub async fn exchange(
    ctx: &Context,
    caller: &Caller,
    params: &ExchangeParams,
) -> Result<AccessToken> {
    let plain = match &caller.credential {
        Credential::Token(plain) => plain,
        Credential::Session(_) => {
            // An ended session is refused as ended.
            authenticate(ctx, caller, &[]).await?;
            return Err(Error::BearerRequired);
        }
    };
    let Holder { principal, membership } =
        find_holder(ctx, caller, params.client_id.as_ref()).await?;
    let (subject, kind, token) = match &principal {
        Principal::Token(user, token) => (user.id.to_string(), BearerKind::Personal, token),
        Principal::Key(organization, key) => {
            (organization.id.to_string(), BearerKind::Organization, key)
        }
        Principal::Session(_) => return Err(Error::BearerRequired),
    };
    let scopes = narrow_scopes(token, params.scopes.as_deref())?;
    let now = ctx.now();
    let expires_at = earliest(now.plus(ACCESS_TOKEN_TTL), token.valid_until(plain));
    let claims = Claims {
        iss: &ctx.config.base_url,
        aud: &params.audience,
        client_id: membership.as_ref().map_or_else(|| subject.clone(), |(id, _)| id.to_string()),
        role: membership.as_ref().map(|(_, role)| *role),
        sub: subject,
        kind,
        token_id: token.number,
        scope: join_scopes(&scopes),
        iat: now,
        exp: expires_at,
        jti: ctx.random.identifier(),
    };
    let keyring = ctx.secrets.keyring().await;
    let text = SigningKey::new(keyring.signing_keys()?.active())?.sign(&claims)?;
    Ok(AccessToken { text, expires_at, scopes })
}

/// Authenticates the bearer, and authorizes it in the organization that the access token is for, if it is for one.
async fn find_holder(
    ctx: &Context,
    caller: &Caller,
    named: Option<&OrganizationId>,
) -> Result<Holder> {
    if let Some(id) = named {
        return in_organization(ctx, caller, id).await;
    }
    let (principal, _) = authenticate(ctx, caller, &[]).await?;
    match &principal {
        Principal::Token(_, Token { client_id: Some(only), .. }) => {
            in_organization(ctx, caller, &only.clone()).await
        }
        Principal::Key(organization, _) => {
            let membership = Some((organization.id.clone(), Role::Member));
            Ok(Holder { principal, membership })
        }
        Principal::Token(..) | Principal::Session(_) => Ok(Holder { principal, membership: None }),
    }
}

async fn in_organization(ctx: &Context, caller: &Caller, id: &OrganizationId) -> Result<Holder> {
    let (authorized, _) = authorize(ctx, caller, id, Right::View, &[]).await?;
    let membership = Some((authorized.organization.id, authorized.role));
    Ok(Holder { principal: authorized.principal, membership })
}

/// Returns the scopes of an access token, in the order in which responses list them.
///
/// # Errors
///
/// * [`Error::InsufficientScope`] if one of the wanted scopes is not one of the bearer's.
fn narrow_scopes(token: &Token, wanted: Option<&[Scope]>) -> Result<Vec<Scope>> {
    let Some(wanted) = wanted else { return Ok(token.scopes.to_list()) };
    match wanted.iter().find(|scope| !token.scopes.contains(**scope)) {
        Some(missing) => Err(Error::InsufficientScope(missing.name())),
        None => Ok(Scope::ALL.into_iter().filter(|scope| wanted.contains(scope)).collect()),
    }
}

fn earliest(one: Timestamp, other: Option<Timestamp>) -> Timestamp {
    other.map_or(one, |other| one.min(other))
}

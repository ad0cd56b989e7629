//! Describes the bearer token of a request.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Scope, Token};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, Principal, authenticate};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::{Member, Organization};

/// The kind of a bearer token.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BearerKind {
    /// A user's personal token.
    Personal,
    /// An organization's API key.
    Organization,
}

/// A bearer token and the account or organization that it acts as.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Bearer)]
pub struct BearerView {
    /// Whether this is a user's personal token or an API key of an organization.
    pub kind: BearerKind,
    /// The number of the token or key.
    #[schema(example = 42)]
    pub id: u32,
    /// The name of the token or API key.
    #[schema(example = "my-cli")]
    pub token_name: String,
    /// What the token may do.
    pub scopes: Vec<Scope>,
    /// The addresses and networks from which the token may be used; null if it may be used from everywhere.
    #[schema(required, example = json!(["203.0.113.0/24"]))]
    pub allowed_ips: Option<Vec<String>>,
    /// When the token expires; null if never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// The user that a personal token acts as; absent for an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<BearerUser>,
    /// The only organization that the token works in; absent if it works in all of the user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "client")]
    pub organization: Option<BearerOrganization>,
}

/// A user's id, email address and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BearerUser {
    /// The id of the user, an opaque string.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The email address of the user's account.
    #[schema(example = "dev@example.com")]
    pub email: String,
    /// The full name of the user.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
}

/// An organization's id and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BearerOrganization {
    /// The id of the organization, an opaque string.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The name of the organization.
    #[schema(example = "Acme Corp")]
    pub name: String,
}

/// Describes the bearer token of the request. Takes one round trip, and a second one for a token
/// that is limited to one organization.
///
/// # Errors
///
/// * [`Error::InvalidToken`] if the request has a session instead of a bearer token, or the
///   token's only organization no longer exists.
/// * [`Error::NoAccess`] if the user is no longer a member of the token's only organization.
pub async fn whoami(ctx: &Context, caller: &Caller) -> Result<BearerView> {
    match authenticate(ctx, caller, &[]).await?.0 {
        Principal::Key(organization, key) => {
            Ok(build_view(BearerKind::Organization, key, None, Some(&organization)))
        }
        Principal::Token(user, token) => {
            let organization = match &token.client_id {
                Some(only) => Some(load_only_organization(ctx, &user, only).await?),
                None => None,
            };
            Ok(build_view(BearerKind::Personal, token, Some(&user), organization.as_ref()))
        }
        Principal::Session(_) => Err(Error::InvalidToken),
    }
}

async fn load_only_organization(
    ctx: &Context,
    user: &User,
    only: &OrganizationId,
) -> Result<Organization> {
    let (organization, member) = (keys::organization(only), keys::member(only, &user.id));
    let found = ctx.table.batch_get(&[organization.clone(), member.clone()]).await?;
    let organization = found.read::<Organization>(&organization)?.filter(Organization::exists);
    let organization = organization.ok_or(Error::InvalidToken)?;
    found.read::<Member>(&member)?.ok_or(Error::NoAccess)?;
    Ok(organization)
}

fn build_view(
    kind: BearerKind,
    token: Token,
    user: Option<&User>,
    organization: Option<&Organization>,
) -> BearerView {
    let user = user.map(|user| BearerUser {
        id: user.id.to_string(),
        email: user.email.to_string(),
        name: user.name.to_string(),
    });
    let organization = organization.map(|organization| BearerOrganization {
        id: organization.id.to_string(),
        name: organization.name.to_string(),
    });
    BearerView {
        kind,
        id: token.number,
        token_name: token.name.to_string(),
        scopes: token.scopes.to_list(),
        allowed_ips: token.allowed_ips.to_list(),
        expires_at: token.expires_at,
        user,
        organization,
    }
}

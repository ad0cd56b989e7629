//! Who a bearer is.

use serde::Serialize;
use utoipa::ToSchema;

use super::Token;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, Credential, identify};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::{Member, Organization};
use crate::requester::Requester;

/// As whom a token acts.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = BearerKind)]
pub enum Kind {
    /// As the person whose token it is.
    Personal,
    /// As the organization whose key it is.
    Organization,
}

/// A bearer token, and as whom it acts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Bearer)]
pub struct BearerView {
    /// A person's own token, or a key of an organization.
    kind: Kind,
    /// Its id.
    #[schema(example = 42)]
    id: u32,
    /// What it is called.
    #[schema(example = "my-cli")]
    token_name: String,
    /// When it ends by itself; null where it doesn't.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// Whose it is; absent for a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<BearerUser>,
    /// The only client that it works in; absent where that is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "client")]
    organization: Option<BearerOrganization>,
}

/// A person, in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BearerUser {
    /// Opaque id.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The account's address.
    #[schema(example = "dev@example.com")]
    email: String,
    /// What the person is called.
    #[schema(example = "Ada Lovelace")]
    name: String,
}

/// A client, in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BearerOrganization {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
}

/// Who calls by a bearer token. One round trip; a second for a token that is for one client alone.
///
/// Where that client doesn't exist any more, [`Error::InvalidToken`]; where its user doesn't belong to it
/// any more, [`Error::NoAccess`].
pub async fn whoami(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
) -> Result<BearerView> {
    match identify(ctx, requester, credential, &[]).await?.0 {
        Caller::Key(organization, key) => {
            Ok(view(Kind::Organization, key, None, Some(&organization)))
        }
        Caller::Token(user, token) => {
            let organization = match &token.client_id {
                Some(only) => Some(confined_to(ctx, &user, only).await?),
                None => None,
            };
            Ok(view(Kind::Personal, token, Some(&user), organization.as_ref()))
        }
        Caller::Session(_) => Err(Error::MissingBearer),
    }
}

async fn confined_to(ctx: &Context, user: &User, only: &OrganizationId) -> Result<Organization> {
    let (organization, member) = (keys::organization(only), keys::member(only, &user.id));
    let found = ctx.table.batch_get(&[organization.clone(), member.clone()]).await?;
    let organization = found.read::<Organization>(&organization)?.filter(Organization::exists);
    let organization = organization.ok_or(Error::InvalidToken)?;
    found.read::<Member>(&member)?.ok_or(Error::NoAccess)?;
    Ok(organization)
}

fn view(
    kind: Kind,
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
        expires_at: token.expires_at,
        user,
        organization,
    }
}

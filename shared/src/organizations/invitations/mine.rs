//! What somebody is invited to.

use serde::Serialize;
use utoipa::ToSchema;

use super::Invitee;
use super::accept::OrganizationName;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Credential, identify};
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::{Error, Result};
use crate::keys;
use crate::organizations::people::people;
use crate::organizations::{GivenRole, Organization};
use crate::requester::Requester;

/// An invitation as whoever is invited sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnInvitation {
    /// Opaque id.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// To what.
    #[serde(rename = "client")]
    organization: OrganizationName,
    /// What they are to be.
    role: GivenRole,
    /// Who invited; null where that account is gone.
    #[schema(required)]
    invited_by: Option<InvitedBy>,
    /// Until when it can be accepted.
    expires_at: Timestamp,
}

/// Who invited.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitedBy {
    /// What the person is called.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// The person's address.
    #[schema(example = "ada@example.com")]
    email: String,
}

impl From<&User> for InvitedBy {
    fn from(user: &User) -> Self {
        Self { name: user.name.to_string(), email: user.email.to_string() }
    }
}

/// A page of the caller's invitations that can still be accepted, in an order that stays.
/// [`Error::NoAccess`] for a key, and for a token that is for one organization alone;
/// [`Error::EmailNotVerified`] for whoever hasn't proven the address that they would be for.
///
/// Three round trips: the address stands in the account, and names stand in one place.
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    page: &PageRequest,
) -> Result<Page<OwnInvitation>> {
    let user = identify(ctx, requester, credential, &[]).await?.0.into_person()?;
    if !user.email_verified {
        return Err(Error::EmailNotVerified);
    }
    let slice = ListQuery::new(keys::invitee_partition(&user.email), keys::INVITED_TO);
    let mut listed: Page<Invitee> = query(ctx, &slice, page).await?;
    listed.data.retain(|invitee| ctx.now() < invitee.expires_at);
    let clients: Vec<_> =
        listed.data.iter().map(|invitee| keys::organization(&invitee.client_id)).collect();
    let inviters = listed.data.iter().map(|invitee| &invitee.invited_by);
    let (mut found, people) =
        tokio::try_join!(ctx.table.batch_get_any(&clients), people(ctx, inviters))?;
    let mut all = Vec::with_capacity(clients.len());
    for (invitee, key) in listed.data.iter().zip(&clients) {
        if let Some(organization) = found.take::<Organization>(key)?.filter(Organization::exists) {
            all.push(OwnInvitation {
                id: invitee.invitation_id.to_string(),
                organization: OrganizationName::from(&organization),
                role: invitee.role,
                invited_by: people.get(&invitee.invited_by).map(InvitedBy::from),
                expires_at: invitee.expires_at,
            });
        }
    }
    Ok(listed.with(all))
}

//! Lists the invitations that the caller has received.

use serde::Serialize;
use utoipa::ToSchema;

use super::InvitationByEmail;
use super::accept::OrganizationName;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::{Error, Result};
use crate::keys;
use crate::organizations::user_lookup::load_users;
use crate::organizations::{AssignableRole, Organization};

/// An invitation as the invited person sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnInvitation {
    /// The id of the invitation, an opaque string.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The organization that the invitation is for.
    #[serde(rename = "client")]
    pub organization: OrganizationName,
    /// The role that the invitation offers.
    pub role: AssignableRole,
    /// The user who sent the invitation; null if that account was erased.
    #[schema(required)]
    pub invited_by: Option<InvitedBy>,
    /// The time from which the invitation can no longer be accepted.
    pub expires_at: Timestamp,
}

/// The user who sent an invitation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitedBy {
    /// The full name of the user who sent the invitation.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    /// The email address of the user who sent the invitation.
    #[schema(example = "ada@example.com")]
    pub email: String,
}

impl From<&User> for InvitedBy {
    fn from(user: &User) -> Self {
        Self { name: user.name.to_string(), email: user.email.to_string() }
    }
}

/// Lists the open invitations to the caller's address in a stable order.
///
/// Takes three round trips: the account has the address, the address has the invitations, and these
/// have the ids of organizations and inviters.
///
/// # Errors
///
/// * [`Error::NoAccess`] for an API key, and for a token that is limited to one organization.
/// * [`Error::EmailNotVerified`] if the caller has not verified their address.
pub async fn list_own(
    ctx: &Context,
    caller: &Caller,
    page: &PageRequest,
) -> Result<Page<OwnInvitation>> {
    let user = authenticate(ctx, caller, &[]).await?.0.into_person()?;
    if !user.email_verified {
        return Err(Error::EmailNotVerified);
    }
    let slice = ListQuery::new(
        keys::invitation_by_email_partition(&user.email),
        keys::INVITATIONS_BY_EMAIL,
    );
    let mut listed: Page<InvitationByEmail> = query(ctx, &slice, page).await?;
    listed.data.retain(|invitee| ctx.now() < invitee.expires_at);
    let clients: Vec<_> =
        listed.data.iter().map(|invitee| keys::organization(&invitee.client_id)).collect();
    let inviters = listed.data.iter().map(|invitee| &invitee.invited_by);
    let (mut found, users) =
        tokio::try_join!(ctx.table.batch_get_any(&clients), load_users(ctx, inviters))?;
    let mut all = Vec::with_capacity(clients.len());
    for (invitee, key) in listed.data.iter().zip(&clients) {
        if let Some(organization) = found.take::<Organization>(key)?.filter(Organization::exists) {
            all.push(OwnInvitation {
                id: invitee.invitation_id.to_string(),
                organization: OrganizationName::from(&organization),
                role: invitee.role,
                invited_by: users.get(&invitee.invited_by).map(InvitedBy::from),
                expires_at: invitee.expires_at,
            });
        }
    }
    Ok(listed.with_data(all))
}

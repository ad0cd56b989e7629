//! Lists the invitations to an organization.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{INVITATION_HISTORY, InvitationStatus};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, Key, ListQuery, Page, PageRequest, Record, query};
use crate::error::Result;
use crate::ids::{InvitationId, OrganizationId, UserId};
use crate::keys;
use crate::organizations::AssignableRole;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::organizations::user_lookup::load_users;
use crate::values::EmailAddress;

/// An invitation as the organization's owner and admins see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// The id of the invitation, an opaque string.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The email address that was invited.
    #[schema(example = "dev@example.com")]
    pub email: String,
    /// The role that the invitation offers.
    pub role: AssignableRole,
    /// The state of the invitation.
    pub status: InvitationStatus,
    /// The user who sent the invitation; null if that account was erased.
    #[schema(required)]
    pub invited_by: Option<InviterView>,
    /// The time at which the invitation was sent.
    pub created_at: Timestamp,
    /// The time from which the invitation can no longer be accepted.
    pub expires_at: Timestamp,
    /// The time at which the invitation was accepted, declined or revoked; null otherwise.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
}

/// A row of an invitation, whether it has ended or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ListedInvitation {
    id: InvitationId,
    client_id: OrganizationId,
    email: EmailAddress,
    role: AssignableRole,
    invited_by: UserId,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// How it ended; missing while it can be accepted, and after it has expired.
    status: Option<InvitationStatus>,
    ended_at: Option<Timestamp>,
}

impl Record for ListedInvitation {
    fn key(&self) -> Key {
        match self.status {
            Some(_) => keys::ended_invitation(&self.client_id, &self.id),
            None => keys::invitation(&self.client_id, &self.id),
        }
    }
}

/// The user who sent an invitation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Inviter)]
pub struct InviterView {
    /// The id of the user, an opaque string.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The email address of the user who sent the invitation.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// The full name of the user who sent the invitation.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
}

impl From<&User> for InviterView {
    fn from(user: &User) -> Self {
        let (email, name) = (user.email.to_string(), user.name.to_string());
        Self { id: user.id.to_string(), email, name }
    }
}

/// Lists the organization's invitations in a stable order: those that were not answered, then those
/// that ended. With `status`, lists only the invitations in that state.
///
/// # Errors
///
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this list.
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not manage members.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    status: Option<InvitationStatus>,
    page: &PageRequest,
) -> Result<Page<InvitationView>> {
    let now = ctx.now();
    let slice = list_query(id, status, now)?;
    let (authorized, listed) = tokio::join!(
        authorize(ctx, caller, id, Right::ManageMembers, &[]),
        query(ctx, &slice, page)
    );
    authorized?;
    let mut listed: Page<ListedInvitation> = listed?;
    // DynamoDB deletes rows late, so those that are due are left out here.
    listed.data.retain(|invitation| now < invitation.expires_at.plus(INVITATION_HISTORY));
    let users =
        load_users(ctx, listed.data.iter().map(|invitation| &invitation.invited_by)).await?;
    let view = |invitation: &ListedInvitation| InvitationView {
        id: invitation.id.to_string(),
        email: invitation.email.to_string(),
        role: invitation.role,
        status: invitation.status(now),
        invited_by: users.get(&invitation.invited_by).map(InviterView::from),
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
        ended_at: invitation.ended_at,
    };
    let views = listed.data.iter().map(view).collect();
    Ok(listed.with_data(views))
}

impl ListedInvitation {
    fn status(&self, now: Timestamp) -> InvitationStatus {
        match self.status {
            Some(status) => status,
            None if now < self.expires_at => InvitationStatus::Pending,
            None => InvitationStatus::Expired,
        }
    }
}

fn list_query(
    id: &OrganizationId,
    status: Option<InvitationStatus>,
    now: Timestamp,
) -> Result<ListQuery> {
    let pk = keys::organization(id).pk;
    let Some(status) = status else {
        return Ok(ListQuery::new(pk, keys::ALL_INVITATIONS));
    };
    let (prefix, condition) = match status {
        InvitationStatus::Pending => (keys::INVITATIONS, Condition::greater("expires_at", now)?),
        InvitationStatus::Expired => (keys::INVITATIONS, Condition::at_most("expires_at", now)?),
        InvitationStatus::Accepted | InvitationStatus::Declined | InvitationStatus::Revoked => {
            (keys::ENDED_INVITATIONS, Condition::equal("status", status)?)
        }
    };
    Ok(ListQuery::new(pk, prefix).filter(status.name(), condition))
}

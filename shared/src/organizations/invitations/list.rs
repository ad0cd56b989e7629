//! Lists the invitations to an organization.

use serde::Serialize;
use utoipa::ToSchema;

use super::Invitation;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::AssignableRole;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::organizations::user_lookup::load_users;

/// An invitation as the organization's owner and admins see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// The id of the invitation, an opaque string.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The email address that was invited.
    #[schema(example = "dev@example.com")]
    email: String,
    /// The role that the invitation offers.
    role: AssignableRole,
    /// The user who sent the invitation; null if that account was erased.
    #[schema(required)]
    invited_by: Option<InviterView>,
    /// The time at which the invitation was sent.
    created_at: Timestamp,
    /// The time from which the invitation can no longer be accepted.
    expires_at: Timestamp,
}

/// The user who sent an invitation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Inviter)]
pub struct InviterView {
    /// The id of the user, an opaque string.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The email address of the user who sent the invitation.
    #[schema(example = "ada@example.com")]
    email: String,
    /// The full name of the user who sent the invitation.
    #[schema(example = "Ada Lovelace")]
    name: String,
}

impl From<&User> for InviterView {
    fn from(user: &User) -> Self {
        let (email, name) = (user.email.to_string(), user.name.to_string());
        Self { id: user.id.to_string(), email, name }
    }
}

/// Lists the organization's open invitations in a stable order.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not manage members.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<InvitationView>> {
    let slice = ListQuery::new(keys::organization(id).pk, keys::INVITATIONS);
    let (authorized, listed) = tokio::join!(
        authorize(ctx, caller, id, Right::ManageMembers, &[]),
        query(ctx, &slice, page)
    );
    authorized?;
    let mut listed: Page<Invitation> = listed?;
    // DynamoDB deletes expired items late, so they are left out here.
    listed.data.retain(|invitation| invitation.is_live(ctx.now()));
    let users =
        load_users(ctx, listed.data.iter().map(|invitation| &invitation.invited_by)).await?;
    let view = |invitation: &Invitation| InvitationView {
        id: invitation.id.to_string(),
        email: invitation.email.to_string(),
        role: invitation.role,
        invited_by: users.get(&invitation.invited_by).map(InviterView::from),
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    };
    let views = listed.data.iter().map(view).collect();
    Ok(listed.with(views))
}

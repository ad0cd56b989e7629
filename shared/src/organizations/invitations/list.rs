//! Who is invited to an organization.

use serde::Serialize;
use utoipa::ToSchema;

use super::Invitation;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::GivenRole;
use crate::organizations::admit::admit;
use crate::organizations::people::people;
use crate::organizations::rights::Right;
use crate::requester::Requester;

/// An invitation as those see it who may invite.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// Opaque id.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// Who is invited.
    #[schema(example = "dev@example.com")]
    email: String,
    /// What they are to be.
    role: GivenRole,
    /// Who invited; null where that account is gone.
    #[schema(required)]
    invited_by: Option<InviterView>,
    /// When it was made.
    created_at: Timestamp,
    /// Until when it can be accepted.
    expires_at: Timestamp,
}

/// Who invited.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Inviter)]
pub struct InviterView {
    /// Opaque id.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The address that signs in.
    #[schema(example = "ada@example.com")]
    email: String,
    /// What the person is called.
    #[schema(example = "Ada Lovelace")]
    name: String,
}

impl From<&User> for InviterView {
    fn from(user: &User) -> Self {
        let (email, name) = (user.email.to_string(), user.name.to_string());
        Self { id: user.id.to_string(), email, name }
    }
}

/// A page of the invitations that can still be accepted, in an order that stays.
/// [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    page: &PageRequest,
) -> Result<Page<InvitationView>> {
    let slice = ListQuery::new(keys::organization(id).pk, keys::INVITATIONS);
    let (admitted, listed) = tokio::join!(
        admit(ctx, requester, credential, id, Right::ManageMembers, &[]),
        query(ctx, &slice, page)
    );
    admitted?;
    let mut listed: Page<Invitation> = listed?;
    // DynamoDB deletes the others late.
    listed.data.retain(|invitation| invitation.is_live(ctx.now()));
    let people = people(ctx, listed.data.iter().map(|invitation| &invitation.invited_by)).await?;
    let view = |invitation: &Invitation| InvitationView {
        id: invitation.id.to_string(),
        email: invitation.email.to_string(),
        role: invitation.role,
        invited_by: people.get(&invitation.invited_by).map(InviterView::from),
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    };
    let views = listed.data.iter().map(view).collect();
    Ok(listed.with(views))
}

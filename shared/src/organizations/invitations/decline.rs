//! Declines an invitation.

use super::valid_invitation::look_up_invitation;
use super::{InvitationSelector, InvitationStatus};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::Result;
use crate::organizations::Role;

/// Ends the invitation on behalf of the person it was sent to.
///
/// # Errors
///
/// * [`Error::InvitationNotFound`] if the token is unknown or replaced, or the organization was deleted.
/// * [`Error::InvitationExpired`], [`Error::InvitationUsed`] or [`Error::InvitationRevoked`] if the invitation has
///   ended.
/// * [`Error::InvitationForAnotherAddress`] if the invitation is for another address.
/// * [`Error::EmailNotVerified`] if the caller has not
///   verified their address.
pub async fn decline(
    ctx: &Context,
    caller: &Caller,
    invitation: impl Into<InvitationSelector<'_>>,
) -> Result<()> {
    let selector = invitation.into();
    retry_conflicts(ctx, || attempt(ctx, caller, selector)).await
}

async fn attempt(ctx: &Context, caller: &Caller, selector: InvitationSelector<'_>) -> Attempt<()> {
    let valid_invitation =
        look_up_invitation(ctx, caller, selector).await?.validate(ctx.now(), selector)?;
    let mut tx = ctx.table.transaction();
    valid_invitation.consume(&mut tx, InvitationStatus::Declined, ctx.now())?;
    let (invitation, action) = (&valid_invitation.invitation, Action::InvitationDeclined);
    let user = &valid_invitation.user.id;
    let event = AuditEvent::for_organization(
        ctx,
        &caller.requester,
        &valid_invitation.organization.id,
        user,
        action,
    )
    .with_target(&invitation.id);
    tx.commit(event.with_detail("role", Role::from(invitation.role).name())).await
}

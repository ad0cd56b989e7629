//! Revokes an invitation.

use super::{Invitation, InvitationStatus};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::{InvitationId, OrganizationId};
use crate::keys;
use crate::organizations::Role;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// Ends an invitation, so that the emailed link stops working.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist, or the invitation was accepted,
///   declined, revoked, replaced or has expired.
/// * [`Error::NoAccess`] if the caller may not manage members.
pub async fn revoke(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    id: &InvitationId,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, organization_id, id)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    id: &InvitationId,
) -> Attempt<()> {
    let key = keys::invitation(organization_id, id);
    let extra_keys = std::slice::from_ref(&key);
    let (authorized, found) =
        authorize(ctx, caller, organization_id, Right::ManageMembers, extra_keys).await?;
    let invitation: Option<Invitation> = found.read(&key)?;
    let invitation = invitation.filter(|found| found.is_live(ctx.now())).ok_or(Error::NotFound)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    invitation.end(&mut tx, InvitationStatus::Revoked, ctx.now())?;
    let (actor, action) = (authorized.principal.actor(), Action::InvitationRevoked);
    let event =
        AuditEvent::for_organization(ctx, &caller.requester, organization_id, actor, action)
            .with_target(id);
    tx.commit(event.with_detail("role", Role::from(invitation.role).name())).await
}

//! Leaves an organization.

use super::{check_not_owner, member};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::authorize::authorize;
use crate::organizations::end_membership;
use crate::organizations::rights::Right;

/// Ends the caller's own membership.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::OwnsOrganizations`] if the caller is the owner, who must transfer or delete it first.
/// * [`Error::NoAccess`] for an API key, which has no membership.
pub async fn leave(ctx: &Context, caller: &Caller, id: &OrganizationId) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, id)).await
}

async fn attempt(ctx: &Context, caller: &Caller, id: &OrganizationId) -> Attempt<()> {
    let (authorized, found) = authorize(ctx, caller, id, Right::Leave, &[]).await?;
    let user = &authorized.principal.user().ok_or(Error::NoAccess)?.id;
    let member = member(&found, id, user)?;
    check_not_owner(&authorized, &member)?;
    let mut tx = ctx.table.transaction();
    end_membership(&mut tx, authorized.organization.clone(), &member)?;
    let event = AuditEvent::for_organization(ctx, &caller.requester, id, user, Action::MemberLeft)
        .with_target(user);
    tx.commit(event.with_detail("role", member.role.name())).await
}

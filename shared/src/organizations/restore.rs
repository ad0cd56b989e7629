//! Restores a deleted organization.

use super::authorize::{Authorized, authorize_restoration};
use super::scheduled_deletion::ScheduledDeletion;
use super::{Organization, OrganizationView};
use crate::activity::{Action, AuditEvent};
use crate::billing::ledger::Balance;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Record, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::jobs::Job;
use crate::keys;

/// Restores a deleted organization with its members, projects and files. API keys stay revoked. If the
/// deletion has ended its subscription, it is on the free plan. An organization that is not deleted stays as it
/// is.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist or can no longer be
///   restored, or the caller does not own a deleted one.
/// * [`Error::SessionRequired`](crate::error::Error::SessionRequired) if the caller has a bearer token.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller does not own it.
/// * [`Error::ReauthRequired`](crate::error::Error::ReauthRequired) if the session's proof of identity is not
///   recent.
pub async fn restore(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
) -> Result<OrganizationView> {
    retry_conflicts(ctx, || attempt(ctx, caller, id)).await
}

async fn attempt(ctx: &Context, caller: &Caller, id: &OrganizationId) -> Attempt<OrganizationView> {
    let balance = [keys::balance(id)];
    let (authorized, found) = authorize_restoration(ctx, caller, id, &balance).await?;
    let Some(due_at) = authorized.organization.restorable_until(ctx.now()) else {
        return Ok(authorized.view(ctx).await?);
    };
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    let scheduled = ScheduledDeletion { client_id: id.clone(), due_at };
    tx.delete(&scheduled.key(), None, AttemptError::Conflict)?;
    Job::SyncBilling { client_id: id.clone() }.requeue(&mut tx)?;
    if let Some(balance) = found.read::<Balance>(&balance[0])? {
        balance.reopen(&mut tx)?;
    }
    let before = authorized.organization.clone();
    let organization =
        Organization { deleted_at: None, deletion_due_at: None, ..before }.store(&mut tx)?;
    let (actor, action) = (authorized.principal.actor(), Action::OrganizationRestored);
    let event = AuditEvent::for_organization(ctx, &caller.requester, id, actor, action);
    tx.commit(event.with_detail("name", &organization.name)).await?;
    Ok(Authorized { organization, ..authorized }.view(ctx).await?)
}

//! Deletes an organization.

use super::authorize::authorize_with_recent_proof;
use super::rights::Right;
use super::scheduled_deletion::{ORGANIZATION_GRACE_PERIOD, ScheduledDeletion};
use crate::activity::{Action, AuditEvent};
use crate::billing::ledger::Balance;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::jobs::Job;
use crate::keys;
use crate::values::Name;

/// Deletes an organization. It is out of reach at once, its API keys are revoked, and its subscription
/// ends. Its members are notified. The owner can restore it until the returned time; then the worker deletes
/// its projects and members ([`super::sweep`]). Its audit log is kept.
///
/// # Errors
///
/// * [`Error::InvalidField`] if `confirm` is not the organization's name.
/// * [`Error::DefaultOrganization`] if it is the default organization of an account.
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NoAccess`] if the caller does not own it.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    confirm: &str,
) -> Result<Timestamp> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, confirm)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    confirm: &str,
) -> Attempt<Timestamp> {
    let balance = [keys::balance(id)];
    let (authorized, found) =
        authorize_with_recent_proof(ctx, caller, id, Right::Delete, &balance).await?;
    let organization = authorized.organization.clone();
    if organization.is_default {
        return Err(Error::DefaultOrganization.into());
    }
    if Name::parse(confirm).ok().as_ref() != Some(&organization.name) {
        return Err(Error::invalid_field("confirm", "must be the organization's name").into());
    }
    let now = ctx.now();
    let due_at = now.plus(ORGANIZATION_GRACE_PERIOD);
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    let scheduled = ScheduledDeletion { client_id: id.clone(), due_at };
    tx.put(&scheduled, Condition::Absent, AttemptError::Conflict)?;
    Job::SyncBilling { client_id: id.clone() }.requeue(&mut tx)?;
    let (client_id, requester) = (id.clone(), Some(caller.requester.clone()));
    Job::NotifyOrganizationDeleted { client_id, at: now, requester, after: None }
        .requeue(&mut tx)?;
    match found.read::<Balance>(&balance[0])? {
        Some(balance) => balance.close(&mut tx, now)?,
        None => tx.check(&balance[0], &Condition::Absent, AttemptError::Conflict)?,
    }
    let organization = organization.schedule_deletion(now).store(&mut tx)?;
    let (actor, action) = (authorized.principal.actor(), Action::OrganizationDeleted);
    let event = AuditEvent::for_organization(ctx, &caller.requester, id, actor, action);
    tx.commit(event.with_detail("name", &organization.name)).await?;
    Ok(due_at)
}

//! Erases an organization at once, when its owner has asked support for that.

use super::scheduled_deletion::ScheduledDeletion;
use super::{Member, Organization};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope, Log};
use crate::billing::ledger::Balance;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::jobs::Job;
use crate::keys;
use crate::mail::{self, Message, OrganizationDeletedParams, Recipient};
use crate::support_case::SupportCase;
use crate::values::Name;

/// Deletes an organization without the time in which its owner can restore it: its keys are revoked, and the worker
/// ends its subscription and deletes what it owns ([`super::sweep`]). Its audit log is kept. It cannot be undone.
/// `confirm` is the organization's name. Repeating it does nothing new.
///
/// An organization with other members must have been deleted by its owner before, which notifies them. If its owner has
/// not deleted it, the owner is mailed. The owner's own log has the event as well.
///
/// # Errors
/// - `NotFound` if there is no such organization.
/// - [`Error::InvalidField`] if `confirm` is not the organization's name, or if it has other members and is not
///   deleted.
/// - [`Error::DefaultOrganization`] if it is the default organization of an account.
/// - `Unavailable` if its members are still being notified that it was deleted.
/// - `Contention` if concurrent changes kept interfering.
pub async fn erase_now(
    ctx: &Context,
    id: &OrganizationId,
    confirm: &str,
    case: &SupportCase,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, id, confirm, case)).await
}

async fn attempt(
    ctx: &Context,
    id: &OrganizationId,
    confirm: &str,
    case: &SupportCase,
) -> Attempt<()> {
    let wanted = [keys::organization(id), keys::balance(id)];
    let found = ctx.table.batch_get(&wanted).await?;
    let organization: Organization = found.read(&wanted[0])?.ok_or(Error::NotFound)?;
    if Name::parse(confirm).ok().as_ref() != Some(&organization.name) {
        return Err(Error::invalid_field("confirm", "must be the organization's name").into());
    }
    if organization.is_default {
        return Err(Error::DefaultOrganization.into());
    }
    let now = ctx.now();
    // The account is missing if it has been erased, or is being erased.
    let account: Option<User> = ctx.table.get(&keys::user(&organization.owner_id)).await?;
    let account = account.filter(|account| !account.is_past_grace_period(now));
    let mut tx = ctx.table.transaction();
    let organization = match (organization.deleted_at, organization.deletion_due_at) {
        // An earlier call, or the hourly run, has the worker delete what it owns.
        (Some(_), None) => return Ok(()),
        (Some(deleted_at), Some(due_at)) => {
            unschedule(&mut tx, id, deleted_at, due_at)?;
            organization
        }
        (None, _) => {
            if organization.members > 1 {
                let why =
                    "has other members: its owner must delete it first, so that they are notified";
                return Err(Error::invalid_field("client_id", why).into());
            }
            if let Some(account) = account.as_ref().filter(|account| account.email_verified) {
                queue_notice(ctx, &mut tx, account, &organization.name).await?;
            }
            match found.read::<Balance>(&wanted[1])? {
                Some(balance) => balance.close(&mut tx, now)?,
                None => tx.check(&wanted[1], &Condition::Absent, AttemptError::Conflict)?,
            }
            organization.schedule_deletion(now)
        }
    };
    let owner = keys::member(id, &organization.owner_id);
    let owner: Option<Member> = ctx.table.get(&owner).await?;
    // The row is missing if the erasure of the owner's account has come this far.
    if let Some(owner) = owner {
        tx.delete(&owner.listing_key(&organization), None, AttemptError::Conflict)?;
    }
    Job::SweepOrganization { client_id: id.clone() }.requeue(&mut tx)?;
    let organization = Organization { deletion_due_at: None, ..organization }.store(&mut tx)?;
    let mut scopes = vec![AuditScope::Organization(id.clone())];
    if let Some(account) = account {
        account.check_unchanged(&mut tx)?;
        scopes.push(AuditScope::User(account.id));
    }
    let event = |scope: &AuditScope| {
        let action = Action::OrganizationErasureRequested;
        let event = AuditEvent::for_support(ctx, scope, case, action);
        event.with_detail("name", &organization.name)
    };
    tx.commit(Log::Entries(scopes.iter().map(event).collect())).await
}

/// Queues the mail that tells the owner in `tx`.
async fn queue_notice(
    ctx: &Context,
    tx: &mut Tx<'_>,
    owner: &User,
    organization: &Name,
) -> Result<()> {
    let (at, requester, due_at) = (ctx.now(), None, None);
    let deleted = OrganizationDeletedParams { organization, at, requester, due_at };
    let message = Message::organization_deleted(ctx, &owner.name, deleted);
    mail::queue(ctx, &*ctx.secrets.keyring().await, tx, Recipient::from(owner), message)
}

/// Removes in `tx` the scheduled end of an organization that its owner has deleted. The commit fails if its members are
/// still being notified: the job would find nobody after the sweep.
fn unschedule(
    tx: &mut Tx<'_>,
    id: &OrganizationId,
    deleted_at: Timestamp,
    due_at: Timestamp,
) -> Result<()> {
    let scheduled = ScheduledDeletion { client_id: id.clone(), due_at };
    tx.delete(&scheduled.key(), None, AttemptError::Conflict)?;
    let notifying = Job::NotifyOrganizationDeleted {
        client_id: id.clone(),
        at: deleted_at,
        requester: None,
        after: None,
    };
    let busy = Error::Unavailable("members are still being notified of the deletion".into());
    let job = keys::job(&notifying.name());
    tx.check(&job, &Condition::Absent, AttemptError::from(busy))
}

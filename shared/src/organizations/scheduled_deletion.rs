//! The time between the deletion of an organization and its end: it can be restored, and is swept then.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Member, Organization};
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Chunk, Key, Range, Record, SortKeyCondition, retry_conflicts,
};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::jobs::Job;
use crate::keys;

/// Time within which a deleted organization can be restored.
pub const ORGANIZATION_GRACE_PERIOD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A deleted organization for the worker, ordered by due time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScheduledDeletion {
    /// The organization that will be erased.
    pub client_id: OrganizationId,
    /// When the organization can no longer be restored.
    pub due_at: Timestamp,
}

impl Record for ScheduledDeletion {
    fn key(&self) -> Key {
        keys::organization_deletion(self.due_at, &self.client_id)
    }
}

impl Organization {
    /// Marks the organization as deleted at `now`, restorable for [`ORGANIZATION_GRACE_PERIOD`]. Its API keys are
    /// revoked for good.
    pub(super) fn schedule_deletion(self, now: Timestamp) -> Self {
        Self {
            deleted_at: Some(now),
            deletion_due_at: Some(now.plus(ORGANIZATION_GRACE_PERIOD)),
            keys_generation: self.keys_generation + 1,
            keys_ended_at: Some(now),
            ..self
        }
    }

    /// Returns until when the organization can be restored, or `None` if it is not deleted or too late.
    pub(super) fn restorable_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.deletion_due_at.filter(|due_at| !self.exists() && now < *due_at)
    }
}

/// Lists the deletions that are due, the oldest first: at most `max`, behind the one with the key `after`.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be reached.
pub async fn list_due_deletions(
    ctx: &Context,
    after: Option<&Key>,
    max: usize,
) -> Result<Chunk<ScheduledDeletion>> {
    let end = keys::due_end(ctx.now());
    let range =
        Range { pk: keys::ORGANIZATION_DELETIONS, sort_keys: SortKeyCondition::Before(&end) };
    ctx.table.query_first_after(&range, after, max).await
}

/// Begins to sweep an organization whose deletion is due: from now on it cannot be restored, and a job deletes
/// what it owns ([`super::sweep`]). It is idempotent and safe to run concurrently.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be reached.
pub async fn begin_sweep(ctx: &Context, scheduled: &ScheduledDeletion) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, scheduled)).await
}

async fn attempt(ctx: &Context, scheduled: &ScheduledDeletion) -> Attempt<()> {
    if ctx.now() < scheduled.due_at {
        return Ok(());
    }
    let key = keys::organization(&scheduled.client_id);
    let organization: Option<Organization> = ctx.table.get(&key).await?;
    let is_due = |organization: &Organization| {
        !organization.exists() && organization.deletion_due_at == Some(scheduled.due_at)
    };
    let Some(organization) = organization.filter(is_due) else {
        // The organization was restored, or is erased with its owner's account.
        return ctx.table.delete(&scheduled.key()).await;
    };
    let owner = keys::member(&organization.id, &organization.owner_id);
    let owner: Option<Member> = ctx.table.get(&owner).await?;
    let mut tx = ctx.table.transaction();
    // The row is missing if the erasure of the owner's account has come this far.
    if let Some(owner) = owner {
        tx.delete(&owner.listing_key(&organization), None, AttemptError::Conflict)?;
    }
    tx.delete(&scheduled.key(), None, AttemptError::Conflict)?;
    Job::SweepOrganization { client_id: organization.id.clone() }.requeue(&mut tx)?;
    Organization { deletion_due_at: None, ..organization }.store(&mut tx)?;
    tx.commit(Log::Nothing("the request that deleted the organization was logged")).await
}

//! Deletes everything a deleted organization owned, except its audit log.
//!
//! The worker does this in batches ([`crate::jobs`]). The organization's own row is deleted last.

mod batch;
mod projects;
mod related_rows;

pub(crate) use batch::sweep_batch;

use super::Organization;
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::jobs::{Job, Progress};
use crate::keys;

/// Deletes the next batch, and after the last one the organization itself. Each step is idempotent
/// and safe to run concurrently.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached. The job is then repeated.
pub async fn sweep(ctx: &Context, organization_id: &OrganizationId) -> Result<Progress> {
    retry_conflicts(ctx, || attempt(ctx, organization_id)).await
}

async fn attempt(ctx: &Context, organization_id: &OrganizationId) -> Attempt<Progress> {
    let stored: Option<Organization> = ctx.table.get(&keys::organization(organization_id)).await?;
    let Some(organization) = stored.filter(|stored| !stored.exists()) else {
        // An earlier or concurrent run of this job has finished the deletion.
        return Ok(Progress::Done);
    };
    if !sweep_batch(ctx, &organization).await? {
        return Ok(Progress::More);
    }
    delete_organization_row(ctx, &organization).await?;
    Ok(Progress::Done)
}

/// Deletes the organization's own row, after everything else in its partition. `organization` must
/// have been read before that deletion began.
///
/// No row can appear afterwards. A new row is written with a change of the organization, or with a
/// check that it is not deleted:
///
/// * With a change, the version differs, and the deletion starts over ([`AttemptError::Conflict`]).
/// * With a check, the row was written before the deletion began, and was found and deleted.
///
/// Both fail once this row is gone. Existing rows are only changed on condition that they exist.
pub(crate) async fn delete_organization_row(
    ctx: &Context,
    organization: &Organization,
) -> Attempt<()> {
    let mut tx = ctx.table.transaction();
    let unchanged = Condition::equal("version", organization.version)?;
    tx.delete(&organization.key(), Some(unchanged), AttemptError::Conflict)?;
    let job = Job::SweepOrganization { client_id: organization.id.clone() };
    tx.delete(&keys::job(&job.name()), None, AttemptError::Conflict)?;
    tx.commit(Log::Nothing(
        "the request that deleted the organization was logged, or the log is erased too",
    ))
    .await
}

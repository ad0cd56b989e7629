//! Deletes artifact versions whose deletion was deferred until no fork was copying them.

use super::Project;
use crate::activity::Log;
use crate::artifacts::{Blob, DeferredDeletion, VersionByNumber, drop_refs};
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Range, Record, SortKeyCondition, retry_conflicts,
};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::jobs::Progress;
use crate::keys;

/// Number of versions deleted per transaction, with three writes each.
const VERSION_BATCH_SIZE: usize = 30;

/// Deletes the next batch. Each step is idempotent and safe to run concurrently.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached. The job is then repeated.
pub async fn delete_deferred(ctx: &Context, project: &ProjectId) -> Result<Progress> {
    retry_conflicts(ctx, || attempt(ctx, project)).await
}

async fn attempt(ctx: &Context, id: &ProjectId) -> Attempt<Progress> {
    let stored: Option<Project> = ctx.table.get(&keys::project(id)).await?;
    let Some(project) = stored.filter(Project::exists) else { return Ok(Progress::Done) };
    if project.copies > 0 {
        return Ok(Progress::Blocked);
    }
    let pk = keys::project_partition(id);
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::DEFERRED_DELETIONS) };
    let deferred = ctx.table.query_chunk::<DeferredDeletion>(&range, VERSION_BATCH_SIZE).await?;
    if deferred.items.is_empty() {
        return Ok(Progress::Done);
    }
    let by_number: Vec<_> = deferred
        .items
        .iter()
        .map(|deletion| keys::version_by_number(&deletion.scope, &deletion.path, deletion.version))
        .collect();
    let found = ctx.table.batch_get(&by_number).await?;
    let mut versions = Vec::new();
    for key in &by_number {
        // The version was read after its deferred deletion: a concurrent step has just deleted both.
        let version: Option<VersionByNumber> = found.read(key)?;
        versions.push(version.ok_or(AttemptError::Conflict)?.0);
    }
    let mut tx = ctx.table.transaction();
    let quiet = Condition::equal("copies", 0)?;
    tx.check(&project.key(), &quiet, AttemptError::Conflict)?;
    for (deletion, version) in deferred.items.iter().zip(&by_number) {
        tx.delete(&deletion.key(), Some(Condition::Exists), AttemptError::Conflict)?;
        tx.delete(version, Some(Condition::Exists), AttemptError::Conflict)?;
    }
    let blobs = Blob::referenced_by(ctx, &versions).await?;
    drop_refs(&mut tx, blobs.iter().map(|(blob, refs)| (blob, *refs)))?;
    tx.commit(Log::Nothing("the requests that deleted the versions were logged")).await?;
    Ok(if deferred.more { Progress::More } else { Progress::Done })
}

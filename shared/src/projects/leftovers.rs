//! Deletes artifact versions whose deletion was deferred until no fork was copying them.

use super::Project;
use crate::artifacts::{ByNumber, Content, Leftover, release};
use crate::context::Context;
use crate::dynamo::{Condition, Log, Range, Record, Which, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ProjectId;
use crate::work::Progress;

/// Number of versions deleted per transaction, with three writes each.
const AT_ONCE: usize = 30;

/// Deletes the next batch. Each step is idempotent and safe to run concurrently.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached. The job is then repeated.
pub async fn delete(ctx: &Context, project: &ProjectId) -> Result<Progress> {
    retry_conflicts(ctx, || attempt(ctx, project)).await
}

async fn attempt(ctx: &Context, id: &ProjectId) -> Result<Progress> {
    let stored: Option<Project> = ctx.table.get(&keys::project(id)).await?;
    let Some(project) = stored.filter(Project::exists) else { return Ok(Progress::Done) };
    if project.copies > 0 {
        return Ok(Progress::Blocked);
    }
    let pk = keys::in_project(id);
    let range = Range { pk: &pk, which: Which::StartingWith(keys::LEFTOVERS) };
    let leftovers = ctx.table.part::<Leftover>(&range, AT_ONCE).await?;
    if leftovers.items.is_empty() {
        return Ok(Progress::Done);
    }
    let by_number: Vec<_> = leftovers
        .items
        .iter()
        .map(|leftover| keys::version(&leftover.shelf, &leftover.path, leftover.version))
        .collect();
    let found = ctx.table.batch_get(&by_number).await?;
    let mut versions = Vec::new();
    for key in &by_number {
        // The version was read after its deferred deletion: a concurrent step has just deleted
        // both.
        let version: Option<ByNumber> = found.read(key)?;
        versions.push(version.ok_or(Error::Conflict)?.0);
    }
    let mut tx = ctx.table.transaction();
    let quiet = Condition::equal("copies", 0)?;
    tx.check(&project.key(), &quiet, Error::Conflict)?;
    for (leftover, version) in leftovers.items.iter().zip(&by_number) {
        tx.delete(&leftover.key(), Some(Condition::Exists), Error::Conflict)?;
        tx.delete(version, Some(Condition::Exists), Error::Conflict)?;
    }
    let uses = Content::of(ctx, &versions).await?;
    release(&mut tx, uses.iter().map(|(content, uses)| (content, *uses)))?;
    tx.commit(Log::Nothing("the requests that deleted the versions were logged")).await?;
    Ok(if leftovers.more { Progress::More } else { Progress::Done })
}

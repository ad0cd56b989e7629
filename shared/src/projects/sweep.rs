//! Deletes a deleted project's files, runs and brief, and then the project itself. Stored content
//! is deleted with its last reference.

use super::Project;
use super::copy::end_copy;
use crate::activity::Log;
use crate::artifacts::sweep_files;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_conflicts};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::jobs::Progress;
use crate::keys;
use crate::values::ArtifactScope;

/// Runs the next step of the deletion, and after the last one deletes the project. It waits while
/// forks of the project are being copied. Each step is idempotent and safe to run concurrently.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be reached. The job is then repeated.
pub async fn sweep(ctx: &Context, project: &ProjectId) -> Result<Progress> {
    let stored: Option<Project> = ctx.table.get(&keys::project(project)).await?;
    let Some(project) = stored.filter(|project| !project.exists()) else {
        return Ok(Progress::Done);
    };
    if project.copies > 0 {
        return Ok(Progress::Blocked);
    }
    if project.copying.is_some() {
        retry_conflicts(ctx, || end_copying(ctx, &project.id)).await?;
    }
    if !sweep_files(ctx, &ArtifactScope::Project(project.id.clone())).await? {
        return Ok(Progress::More);
    }
    let mut tx = ctx.table.transaction();
    tx.delete(&project.key(), Some(Condition::Present("deleted_at")), AttemptError::Conflict)?;
    match tx.commit(Log::Nothing("the request that deleted the project was logged")).await {
        // A concurrent step has just finished the deletion.
        Ok(()) | Err(AttemptError::Conflict) => Ok(Progress::Done),
        Err(AttemptError::Final(error)) => Err(error),
    }
}

/// Stops copying files into the project, so that the original no longer waits for it.
async fn end_copying(ctx: &Context, project: &ProjectId) -> Attempt<()> {
    let stored: Option<Project> = ctx.table.get(&keys::project(project)).await?;
    let Some(project) = stored.filter(|project| project.copying.is_some()) else { return Ok(()) };
    let mut tx = ctx.table.transaction();
    if let Some(original) = &project.forked_from_id {
        end_copy(ctx, &mut tx, original).await?;
    }
    Project { copying: None, ..project }.store(&mut tx)?;
    tx.commit(Log::Nothing("the request that deleted the project was logged")).await
}

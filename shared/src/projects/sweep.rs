//! Deleting what lies in a deleted project: its files, runs and brief, and then itself. What its files
//! contained is removed where no other file contains it.

use super::Project;
use super::copy::end;
use crate::activity::Log;
use crate::artifacts::sweep_files;
use crate::context::Context;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ProjectId;
use crate::keys;
use crate::values::ArtifactScope;
use crate::work::Left;

/// Sweeps a part; the last one ends it. Can be called again whenever it failed, and by several at once.
/// While forks of it are being copied it waits for them.
pub async fn sweep(ctx: &Context, project: &ProjectId) -> Result<Left> {
    let stored: Option<Project> = ctx.table.get(&keys::project(project)).await?;
    let Some(project) = stored.filter(|project| !project.exists()) else {
        return Ok(Left::Nothing);
    };
    if project.copies > 0 {
        return Ok(Left::Waiting);
    }
    if project.copying.is_some() {
        retry_conflicts(ctx, || end_copying(ctx, &project.id)).await?;
    }
    if !sweep_files(ctx, &ArtifactScope::Project(project.id.clone())).await? {
        return Ok(Left::More);
    }
    let mut tx = ctx.table.transaction();
    tx.delete(&project.key(), Some(Condition::Present("deleted_at")), Error::Conflict)?;
    match tx.commit(Log::Nothing("its deletion was logged")).await {
        // Somebody else has just ended it.
        Ok(()) | Err(Error::Conflict) => Ok(Left::Nothing),
        Err(error) => Err(error),
    }
}

/// Nothing more is copied into it, and its original needn't wait for that.
async fn end_copying(ctx: &Context, project: &ProjectId) -> Result<()> {
    let stored: Option<Project> = ctx.table.get(&keys::project(project)).await?;
    let Some(project) = stored.filter(|project| project.copying.is_some()) else { return Ok(()) };
    let mut tx = ctx.table.transaction();
    if let Some(original) = &project.forked_from_id {
        end(ctx, &mut tx, original).await?;
    }
    Project { copying: None, ..project }.store(&mut tx)?;
    tx.commit(Log::Nothing("its deletion was logged")).await
}

//! Deletes the projects and files of a deleted organization.

use crate::activity::Log;
use crate::artifacts::sweep_files;
use crate::context::Context;
use crate::dynamo::{Attempt, Range, Record, SortKeyCondition, retry_conflicts};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::jobs::Progress;
use crate::keys;
use crate::organizations::Organization;
use crate::projects::{Project, sweep};
use crate::values::ArtifactScope;

/// Maximum number of projects per batch.
const PROJECT_BATCH_SIZE: usize = 10;

/// Deletes the next projects. Returns whether none is left.
pub(super) async fn sweep_projects(ctx: &Context, organization: &Organization) -> Result<bool> {
    let own = organization.key();
    // Newer projects come first: a project cannot be deleted while a fork, which is always newer,
    // is copying it.
    let sort_keys = SortKeyCondition::PrefixDescending(keys::PROJECTS);
    let projects = ctx
        .table
        .query_chunk::<Project>(&Range { pk: &own.pk, sort_keys }, PROJECT_BATCH_SIZE)
        .await?;
    let mut are_gone = !projects.more;
    for project in &projects.items {
        if project.exists() {
            retry_conflicts(ctx, || mark_project_deleted(ctx, &project.id)).await?;
        }
        match sweep::sweep(ctx, &project.id).await? {
            Progress::Done => {}
            Progress::More => return Ok(false),
            Progress::Blocked => are_gone = false,
        }
    }
    Ok(are_gone && sweep_files(ctx, &ArtifactScope::Organization(organization.id.clone())).await?)
}

/// Marks a project as deleted, so that nothing new is written to it.
async fn mark_project_deleted(ctx: &Context, id: &ProjectId) -> Attempt<()> {
    let stored: Option<Project> = ctx.table.get(&keys::project(id)).await?;
    let Some(project) = stored.filter(Project::exists) else { return Ok(()) };
    let mut tx = ctx.table.transaction();
    Project { deleted_at: Some(ctx.now()), ..project }.store(&mut tx)?;
    tx.commit(Log::Nothing("the deletion of its organization was logged")).await
}

//! Deletes a project.

use super::audit::audit_event;
use super::authorize::authorize_project;
use super::{Project, ProjectNameGuard};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Record, retry_conflicts};
use crate::error::Result;
use crate::ids::ProjectId;
use crate::jobs::Job;
use crate::organizations::Organization;
use crate::organizations::rights::Right;

/// Deletes a project. It is out of reach at once and its name is free; the worker then deletes its
/// content ([`Job::SweepProject`]).
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the project does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
pub async fn delete(ctx: &Context, caller: &Caller, id: &ProjectId) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, id)).await
}

async fn attempt(ctx: &Context, caller: &Caller, id: &ProjectId) -> Attempt<()> {
    let (authorized, project, _) =
        authorize_project(ctx, caller, id, Right::ManageProjects, &[]).await?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    let projects = authorized.organization.projects.saturating_sub(1);
    Organization { projects, ..authorized.organization.clone() }.store(&mut tx)?;
    let project = Project { deleted_at: Some(ctx.now()), ..project }.store(&mut tx)?;
    // The name belongs to this project, because it only changes together with the project's row.
    let name = ProjectNameGuard::new(&project.id, &project.name);
    tx.delete(&name.key(), None, AttemptError::Conflict)?;
    Job::SweepProject { project_id: id.clone() }.enqueue(&mut tx)?;
    let log = audit_event(ctx, &caller.requester, &authorized, Action::ProjectDeleted, &project);
    tx.commit(log.with_detail("name", &project.name)).await
}

//! Creates a project.

use super::audit::audit_event;
use super::{Description, Project, ProjectNameGuard, ProjectView};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::{OrganizationId, ProjectId};
use crate::organizations::Organization;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::values::Name;

/// Parameters for creating a project.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// The organization that the project belongs to.
    pub client_id: OrganizationId,
    /// Name of the project, unique in its organization.
    pub name: Name,
    /// Text that explains the project to its members.
    pub description: Option<Description>,
}

/// Creates an empty project.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::ProjectNameTaken`] if another project of the organization has the name.
/// * [`Error::PlanLimit`] if the plan allows no more projects.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    new_project: &NewProject,
) -> Result<Replayable<ProjectView>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, new_project)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    new_project: &NewProject,
) -> Attempt<Replayable<ProjectView>> {
    let organization = &new_project.client_id;
    let id = ProjectId::generate(&*ctx.random, ctx.now(), organization);
    let project =
        Project::new(id, new_project.name.clone(), new_project.description.clone(), ctx.now());
    let name = ProjectNameGuard::new(&project.id, &project.name);
    let extra_keys = [name.key()];
    let authorized = authorize(ctx, caller, organization, Right::ManageProjects, &extra_keys);
    let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
    let (authorized, found) = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let holder: Option<ProjectNameGuard> = found.read(&name.key())?;
    if let Err(refusal) = check_creatable(&authorized.organization, holder) {
        // An earlier copy of this same request may have taken the name or the last free project.
        // The first lookup of its answer may have come too early, so it is repeated before
        // refusing.
        return Ok(idempotency_key.replay_or_refuse(ctx, refusal).await?);
    }
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    // The organization must be unchanged, so concurrent requests cannot exceed the limit.
    let projects = authorized.organization.projects + 1;
    Organization { projects, ..authorized.organization.clone() }.store(&mut tx)?;
    // If the name was taken since, the retry decides again.
    tx.put(&name, Condition::Absent, AttemptError::Conflict)?;
    tx.put_new(&project)?;
    let created = ProjectView::from(&project);
    idempotency_key.store_response(ctx, &mut tx, &created).await?;
    let event = audit_event(ctx, &caller.requester, &authorized, Action::ProjectCreated, &project);
    tx.commit(event.with_detail("name", &project.name)).await?;
    Ok(Replayable::new(created))
}

fn check_creatable(
    organization: &Organization,
    holder_of_name: Option<ProjectNameGuard>,
) -> Result<()> {
    match holder_of_name {
        Some(_) => Err(Error::ProjectNameTaken),
        None => organization.check_project_limit(),
    }
}

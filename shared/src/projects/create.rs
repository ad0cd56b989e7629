//! Making a project.

use super::logged::entry;
use super::{Description, Project, ProjectName, ProjectView};
use crate::accounts::Name;
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::{OrganizationId, ProjectId};
use crate::organizations::Organization;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// What is to be made.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Where.
    pub client_id: OrganizationId,
    /// What it is to be called.
    pub name: Name,
    /// What it is about.
    pub description: Option<Description>,
}

/// Makes a project with nothing in it. [`Error::NotFound`], [`Error::NoAccess`];
/// [`Error::ProjectNameTaken`]; [`Error::PlanLimit`] where the plan allows no more.
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
) -> Result<Replayable<ProjectView>> {
    let organization = &new_project.client_id;
    let id = ProjectId::generate(&*ctx.random, ctx.now(), organization);
    let project =
        Project::new(id, new_project.name.clone(), new_project.description.clone(), ctx.now());
    let name = ProjectName::of(&project.id, &project.name);
    let also = [name.key()];
    let authorized = authorize(ctx, caller, organization, Right::Work, &also);
    let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
    let (authorized, found) = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let holder: Option<ProjectName> = found.read(&name.key())?;
    if let Err(refusal) = may_be_made(&authorized.organization, holder) {
        // Whoever took the name or the last place may be this very request, sent twice: what it was answered
        // has been there for as long as they have, but may not have been when it was looked for.
        return idempotency_key.replay(ctx).await?.ok_or(refusal);
    }
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    // As it was read: of several at once no more get through than the limit allows.
    let projects = authorized.organization.projects + 1;
    Organization { projects, ..authorized.organization.clone() }.store(&mut tx)?;
    // Taken just now: decided anew, as above.
    tx.put(&name, Condition::Absent, Error::Conflict)?;
    tx.put_new(&project)?;
    let created = ProjectView::from(&project);
    idempotency_key.store_response(ctx, &mut tx, &created).await?;
    let made = entry(ctx, &caller.requester, &authorized, Action::ProjectCreated, &project);
    tx.commit(made.detail("name", &project.name)).await?;
    Ok(Replayable::new(created))
}

fn may_be_made(organization: &Organization, holder_of_name: Option<ProjectName>) -> Result<()> {
    match holder_of_name {
        Some(_) => Err(Error::ProjectNameTaken),
        None => organization.has_room_for_projects(),
    }
}

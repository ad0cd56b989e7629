//! Making a project.

use super::logged::entry;
use super::{Description, Project, ProjectName, ProjectView};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::{OrganizationId, ProjectId};
use crate::organizations::Organization;
use crate::organizations::admit::admit;
use crate::organizations::rights::Right;
use crate::requester::Requester;
use crate::values::Name;

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
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    wish: &NewProject,
) -> Result<Done<ProjectView>> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, once, wish)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    wish: &NewProject,
) -> Result<Done<ProjectView>> {
    let organization = &wish.client_id;
    let id = ProjectId::generate(&*ctx.random, ctx.now(), organization);
    let project = Project::new(id, wish.name.clone(), wish.description.clone(), ctx.now());
    let name = ProjectName::of(&project.id, &project.name);
    let also = [name.key()];
    let admitted = admit(ctx, requester, credential, organization, Right::Work, &also);
    let (admitted, done) = tokio::join!(admitted, once.replay(ctx));
    let (admitted, found) = admitted?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let holder: Option<ProjectName> = found.read(&name.key())?;
    if let Err(refusal) = may_be_made(&admitted.organization, holder) {
        // Whoever took the name or the last place may be this very request, sent twice: what it was answered
        // has been there for as long as they have, but may not have been when it was looked for.
        return once.replay(ctx).await?.ok_or(refusal);
    }
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    // As it was read: of several at once no more get through than the limit allows.
    let projects = admitted.organization.projects + 1;
    Organization { projects, ..admitted.organization.clone() }.store(&mut tx)?;
    // Taken just now: decided anew, as above.
    tx.put(&name, Condition::Absent, Error::Conflict)?;
    tx.put_new(&project)?;
    let created = ProjectView::from(&project);
    once.remember(ctx, &mut tx, &created).await?;
    let made = entry(ctx, requester, &admitted, Action::ProjectCreated, &project);
    tx.commit(made.detail("name", &project.name)).await?;
    Ok(Done::now(created))
}

fn may_be_made(organization: &Organization, holder_of_name: Option<ProjectName>) -> Result<()> {
    match holder_of_name {
        Some(_) => Err(Error::ProjectNameTaken),
        None => organization.has_room_for_projects(),
    }
}

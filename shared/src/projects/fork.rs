//! Copying a project as it is at one moment.

use super::admit::admit;
use super::brief::Brief;
use super::copy::put_copies;
use super::fork_name::first_free;
use super::logged::entry;
use super::{Copying, Project, ProjectName, ProjectView, Shelf};
use crate::activity::Action;
use crate::artifacts::{Artifact, Latest};
use crate::clients::Client;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Range, Which, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::ProjectId;
use crate::requester::Requester;
use crate::work::Job;

/// Most files that are copied in the fork's own transaction, with five writes each. DynamoDB allows 100 for
/// all.
const MOST_AT_ONCE: usize = 16;

/// Copies a project, its brief and its files, as they are at the moment of the fork's making. The original
/// is untouched, and what changes in it afterwards doesn't get into the fork: a few files are copied in
/// the same transaction, many by the worker ([`super::copy`]), until when the fork says `copying`.
///
/// [`Error::NotFound`], [`Error::NoAccess`], [`Error::PlanLimit`]; [`Error::ProjectCopying`] of a fork that
/// isn't whole itself.
pub async fn fork(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    id: &ProjectId,
) -> Result<Done<ProjectView>> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, once, id)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    id: &ProjectId,
) -> Result<Done<ProjectView>> {
    let also = [keys::brief(id)];
    let admitted = admit(ctx, requester, credential, id, &also);
    let (admitted, done) = tokio::join!(admitted, once.replay(ctx));
    let (admitted, original, mut found) = admitted?;
    if let Some(done) = done? {
        return Ok(done);
    }
    original.is_whole()?;
    admitted.client.has_room_for_projects()?;
    let few = usize::try_from(original.files).is_ok_and(|files| files <= MOST_AT_ONCE);
    let files = async { if few { files_of(ctx, id).await } else { Ok(Vec::new()) } };
    let (name, files) = tokio::try_join!(first_free(ctx, &original), files)?;
    let now = ctx.now();
    let fork = ProjectId::generate(&*ctx.random, now, &original.id.client());
    let copying = Copying { forks: original.forks, after: None, settled: false };
    let fork = Project {
        forked_from_id: Some(original.id.clone()),
        files: if few { original.files } else { 0 },
        copying: (!few).then_some(copying),
        ..Project::new(fork, name, original.description.clone(), now)
    };
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    let projects = admitted.client.projects + 1;
    Client { projects, ..admitted.client.clone() }.store(&mut tx)?;
    // As it was read: nothing has changed in it since, so that this is all of one moment.
    let copies = original.copies + u32::from(!few);
    Project { forks: original.forks + 1, copies, ..original.clone() }.store(&mut tx)?;
    tx.put_new(&fork)?;
    // Somebody else may have taken the name: the next attempt finds another.
    tx.put(&ProjectName::of(&fork.id, &fork.name), Condition::Absent, Error::Conflict)?;
    if let Some(brief) = found.take::<Brief>(&keys::brief(id))? {
        tx.put_new(&Brief { project_id: fork.id.clone(), version: 0, ..brief })?;
    }
    put_copies(ctx, &mut tx, &fork.id, &files)?;
    if fork.copying.is_some() {
        Job::CopyProject { project_id: fork.id.clone() }.call_for(&mut tx)?;
    }
    let view = ProjectView::from(&fork);
    once.remember(ctx, &mut tx, &view).await?;
    let forked = entry(ctx, requester, &admitted, Action::ProjectForked, &fork);
    tx.commit(forked.detail("name", &fork.name).detail("original", id)).await?;
    Ok(Done::now(view))
}

/// The latest versions of the files of a project that has few.
async fn files_of(ctx: &Context, id: &ProjectId) -> Result<Vec<Artifact>> {
    let prefix = keys::latest_of(&Shelf::Project(id.clone()));
    let pk = keys::latest_partition(&id.client());
    let range = Range { pk: &pk, which: Which::StartingWith(&prefix) };
    let found = ctx.table.first::<Latest>(&range, MOST_AT_ONCE).await?;
    // It was read beside the project, which has more by now.
    if found.more {
        return Err(Error::Conflict);
    }
    Ok(found.items.into_iter().map(|Latest(file)| file).collect())
}

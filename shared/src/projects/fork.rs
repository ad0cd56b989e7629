//! Forks a project.

use std::time::Duration;

use super::audit::audit_event;
use super::authorize::authorize_project;
use super::brief::Brief;
use super::copy::put_copies;
use super::fork_name::find_free_name;
use super::{CopyProgress, Project, ProjectNameGuard, ProjectView};
use crate::activity::Action;
use crate::artifacts::{Artifact, LatestVersion};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Range, Record, SortKeyCondition, Tx, retry_conflicts,
};
use crate::error::Result;
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::ProjectId;
use crate::jobs::Job;
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::rights::Right;
use crate::throttle::Throttle;
use crate::values::ArtifactScope;

/// Limits the forks in one organization to 20 an hour. The number is our own choice: a fork copies up to thousands of
/// rows.
pub const FORK_THROTTLE: Throttle =
    Throttle { operation: "fork", limit: 20, window: Duration::from_secs(60 * 60) };

/// Maximum number of files that are copied in the transaction that creates the fork. Each takes
/// five writes and a check, and DynamoDB allows 100 actions per transaction.
const MAX_INLINE_FILES: usize = 14;

/// Copies a project with its brief and files as they are when the fork is created. Later changes of
/// the original do not reach the fork.
///
/// A few files are copied in the same transaction. Many are copied by the worker ([`super::copy`]),
/// and until then the fork's status is `copying`.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::PlanLimit`] if the plan allows no more projects.
/// * [`Error::RateLimited`] above [`FORK_THROTTLE`].
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn fork(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    id: &ProjectId,
) -> Result<Replayable<ProjectView>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, id)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    id: &ProjectId,
) -> Attempt<Replayable<ProjectView>> {
    let extra_keys = [keys::brief(id)];
    let authorized = authorize_project(ctx, caller, id, Right::ManageProjects, &extra_keys);
    let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
    let (authorized, original, mut found) = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    original.require_not_copying()?;
    if let Err(refusal) = authorized.organization.check_project_limit() {
        // An earlier copy of this same request may have taken the last free project.
        return Ok(idempotency_key.replay_or_refuse(ctx, refusal).await?);
    }
    let few = usize::try_from(original.files).is_ok_and(|files| files <= MAX_INLINE_FILES);
    let files = async { if few { latest_files(ctx, &original).await } else { Ok(Vec::new()) } };
    let (name, files) = tokio::join!(find_free_name(ctx, &original), files);
    let (name, files) = (name?, files?);
    let now = ctx.now();
    let fork = ProjectId::generate(&*ctx.random, now, &original.id.organization());
    let copying = CopyProgress { forks: original.forks, after: None, settled: false };
    let fork = Project {
        forked_from_id: Some(original.id.clone()),
        files: if few { original.files } else { 0 },
        copying: (!few).then_some(copying),
        ..Project::new(fork, name, original.description.clone(), now)
    };
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    let projects = authorized.organization.projects + 1;
    Organization { projects, ..authorized.organization.clone() }.store(&mut tx)?;
    // The version check proves that nothing in the project changed since it was read, so the fork
    // is a consistent snapshot.
    let copies = original.copies + u32::from(!few);
    Project { forks: original.forks + 1, copies, ..original.clone() }.store(&mut tx)?;
    tx.put_new(&fork)?;
    // If another request takes the name first, the retry finds the next free one.
    tx.put(
        &ProjectNameGuard::new(&fork.id, &fork.name),
        Condition::Absent,
        AttemptError::Conflict,
    )?;
    let brief: Option<Brief> = found.take(&keys::brief(id))?;
    require_as_read(&mut tx, id, brief.as_ref(), &files)?;
    if let Some(brief) = brief {
        tx.put_new(&Brief { project_id: fork.id.clone(), version: 0, ..brief })?;
    }
    put_copies(ctx, &mut tx, &fork.id, &files)?;
    if fork.copying.is_some() {
        Job::CopyProject { project_id: fork.id.clone() }.enqueue(&mut tx)?;
    }
    FORK_THROTTLE.count_in_transaction(ctx, &mut tx, fork.id.organization().as_str()).await?;
    let view = ProjectView::from(&fork);
    idempotency_key.store_response(ctx, &mut tx, &view).await?;
    let forked = audit_event(ctx, &caller.requester, &authorized, Action::ProjectForked, &fork);
    tx.commit(forked.with_detail("name", &fork.name).with_detail("original", id)).await?;
    Ok(Replayable::new(view))
}

/// Adds checks to `tx` that the brief and these files are current. They were read in the same batch
/// as the project, and a batch read may see only part of a concurrent transaction.
fn require_as_read(
    tx: &mut Tx<'_>,
    original: &ProjectId,
    brief: Option<&Brief>,
    files: &[Artifact],
) -> Result<()> {
    let unchanged = match brief {
        Some(brief) => Condition::equal("version", brief.version)?,
        None => Condition::Absent,
    };
    tx.check(&keys::brief(original), &unchanged, AttemptError::Conflict)?;
    for file in files {
        let latest = LatestVersion(file.clone()).key();
        tx.check(&latest, &Condition::equal("id", &file.id)?, AttemptError::Conflict)?;
    }
    Ok(())
}

/// Reads the latest versions of the files of a project that has few.
async fn latest_files(ctx: &Context, original: &Project) -> Attempt<Vec<Artifact>> {
    let id = &original.id;
    let prefix = keys::latest_version_prefix(&ArtifactScope::Project(id.clone()));
    let pk = keys::latest_version_partition(&id.organization());
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(&prefix) };
    let found = ctx.table.query_first::<LatestVersion>(&range, MAX_INLINE_FILES).await?;
    // The batch is not a snapshot: the project's file count may already have changed.
    if found.more || found.items.len() != usize::try_from(original.files).unwrap_or_default() {
        return Err(AttemptError::Conflict);
    }
    Ok(found.items.into_iter().map(|LatestVersion(file)| file).collect())
}

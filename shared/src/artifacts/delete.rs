//! Deletes a version of a file.

use super::Artifact;
use super::add_version::PathState;
use super::blob_refs::drop_refs;
use super::read::find_version;
use super::store::{
    Blob, DeferredDeletion, LatestVersion, PathVersions, VersionById, VersionByNumber,
};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Range, Record, SortKeyCondition, Tx, Update, retry_conflicts,
};
use crate::error::Result;
use crate::ids::ArtifactId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::{AuthorizedScope, LoadedScope, authorize_scope};
use crate::values::ArtifactScope;

/// Number of versions in the first read that looks for the previous version. More are read only if
/// many deletions are deferred by a fork.
const FIRST_READ_SIZE: usize = 4;

/// Deletes a version. If it was the latest, the previous version becomes the latest. Version
/// numbers are never reused. Content without other references is deleted.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the version does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not work in the
///   organization.
/// * [`Error::ProjectCopying`](crate::error::Error::ProjectCopying) if the project is a fork that
///   is still being copied.
pub async fn delete(ctx: &Context, caller: &Caller, id: &ArtifactId) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, id)).await
}

async fn attempt(ctx: &Context, caller: &Caller, id: &ArtifactId) -> Attempt<()> {
    let (scope, extra_keys) = (ArtifactScope::of(id), [keys::version_by_id(id)]);
    let AuthorizedScope { authorized, loaded, found } =
        authorize_scope(ctx, caller, &scope, Right::ManageProjects, &extra_keys).await?;
    let artifact = find_version(id, &found)?;
    loaded.require_not_copying()?;
    let blob_key = artifact.blob_key();
    let wanted = [PathVersions::key_of(&scope, &artifact.path), blob_key.clone()];
    let (found, newest) =
        tokio::try_join!(ctx.table.batch_get(&wanted), newest_other(ctx, &scope, &artifact))?;
    let before = PathState::read(&scope, &artifact.path, &found)?;
    let blob: Option<Blob> = found.read(&blob_key)?;
    // The content was read after the version and may be deleted by now. The retry sees that.
    let blob = blob.filter(|blob| blob.object == artifact.object);
    let blob = blob.ok_or(AttemptError::Conflict)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    tx.delete(
        &VersionById(artifact.clone()).key(),
        Some(Condition::Exists),
        AttemptError::Conflict,
    )?;
    let was_latest = before.versions.latest == Some(artifact.version);
    if was_latest {
        let latest = newest.as_ref().map(|newest| newest.version);
        before.store(&mut tx, PathVersions { latest, ..before.versions.clone() })?;
        match &newest {
            Some(newest) => {
                tx.put(&LatestVersion(newest.clone()), Condition::Exists, AttemptError::Conflict)?;
                // The previous version was read in another request than the path's row, and may
                // have been deleted in between.
                let not_deferred = Condition::All(vec![
                    Condition::Exists,
                    Condition::Missing("deleted_after_forks"),
                ]);
                tx.check(
                    &VersionByNumber(newest.clone()).key(),
                    &not_deferred,
                    AttemptError::Conflict,
                )?;
            }
            None => {
                tx.delete(&LatestVersion(artifact.clone()).key(), None, AttemptError::Conflict)?
            }
        }
    } else {
        before.store(&mut tx, before.versions.clone())?;
    }
    remove_version(&mut tx, &loaded, &artifact, &blob)?;
    let file_count_change = if was_latest && newest.is_none() { -1 } else { 0 };
    loaded.record_change(&mut tx, ctx.now(), file_count_change)?;
    let (actor, action) = (authorized.principal.actor(), Action::ArtifactDeleted);
    let event =
        AuditEvent::for_organization(ctx, &caller.requester, &id.organization(), actor, action)
            .with_target(id);
    tx.commit(event.with_detail("path", &artifact.path).with_detail("version", artifact.version))
        .await
}

/// Deletes the version's row and its reference to the content. While a fork that has the version is
/// being copied, both are deferred to the worker.
fn remove_version(
    tx: &mut Tx<'_>,
    loaded: &LoadedScope,
    artifact: &Artifact,
    blob: &Blob,
) -> Result<()> {
    let key = VersionByNumber(artifact.clone()).key();
    if loaded.is_being_copied() {
        let deferral = Update::new(key).set("deleted_after_forks", loaded.forks())?;
        tx.update(deferral.only_if(Condition::Exists), AttemptError::Conflict)?;
        let (scope, path) = (artifact.scope(), artifact.path.hash());
        return tx.put_new(&DeferredDeletion { scope, path, version: artifact.version });
    }
    tx.delete(&key, Some(Condition::Exists), AttemptError::Conflict)?;
    drop_refs(tx, [(blob, 1)])
}

/// Returns the newest other version of the same path.
async fn newest_other(
    ctx: &Context,
    scope: &ArtifactScope,
    artifact: &Artifact,
) -> Result<Option<Artifact>> {
    let (pk, prefix) =
        (keys::artifact_partition(scope), keys::version_prefix(&artifact.path.hash()));
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::PrefixDescending(&prefix) };
    let mut limit = FIRST_READ_SIZE;
    loop {
        let found = ctx.table.query_first::<VersionByNumber>(&range, limit).await?;
        let other =
            found.items.into_iter().map(|VersionByNumber(other)| other).find(|other| {
                other.version != artifact.version && other.deleted_after_forks.is_none()
            });
        if other.is_some() || !found.more {
            return Ok(other);
        }
        limit *= 16;
    }
}

//! Deletes a version of a file.

use super::Artifact;
use super::contents::release;
use super::put::Before;
use super::read::stored;
use super::store::{ById, ByNumber, Content, Latest, Leftover, Versions};
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, Range, Record, Tx, Update, Which, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::projects::Shelf;
use crate::projects::authorize::{AuthorizedScope, LoadedScope, authorize_scope};

/// Number of versions in the first read that looks for the previous version. More are read only if
/// many deletions are deferred by a fork.
const AT_FIRST: usize = 4;

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

async fn attempt(ctx: &Context, caller: &Caller, id: &ArtifactId) -> Result<()> {
    let (shelf, also) = (Shelf::of(id), [keys::artifact(id)]);
    let AuthorizedScope { authorized, scope, found } =
        authorize_scope(ctx, caller, &shelf, &also).await?;
    let artifact = stored(id, &found)?;
    scope.require_not_copying()?;
    let content_key = artifact.content_key();
    let wanted = [Versions::key_of(&shelf, &artifact.path), content_key.clone()];
    let (found, newest) =
        tokio::try_join!(ctx.table.batch_get(&wanted), newest_but(ctx, &shelf, &artifact))?;
    let before = Before::of(&shelf, &artifact.path, &found)?;
    let content: Option<Content> = found.read(&content_key)?;
    // The content was read after the version and may be deleted by now. The retry sees that.
    let content = content.filter(|content| content.object == artifact.object);
    let content = content.ok_or(Error::Conflict)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    tx.delete(&ById(artifact.clone()).key(), Some(Condition::Exists), Error::Conflict)?;
    let was_latest = before.versions.latest == Some(artifact.version);
    if was_latest {
        let latest = newest.as_ref().map(|newest| newest.version);
        before.store(&mut tx, Versions { latest, ..before.versions.clone() })?;
        match &newest {
            Some(newest) => {
                tx.put(&Latest(newest.clone()), Condition::Exists, Error::Conflict)?;
                // The previous version was read in another request than the path's row, and may
                // have been deleted in between.
                let there = Condition::All(vec![
                    Condition::Exists,
                    Condition::Missing("deleted_after_forks"),
                ]);
                tx.check(&ByNumber(newest.clone()).key(), &there, Error::Conflict)?;
            }
            None => tx.delete(&Latest(artifact.clone()).key(), None, Error::Conflict)?,
        }
    } else {
        before.store(&mut tx, before.versions.clone())?;
    }
    take_out(&mut tx, &scope, &artifact, &content)?;
    let fewer = if was_latest && newest.is_none() { -1 } else { 0 };
    scope.record_change(&mut tx, ctx.now(), fewer)?;
    let (actor, action) = (authorized.principal.actor(), Action::ArtifactDeleted);
    let entry =
        Entry::of_client(ctx, &caller.requester, &id.client(), actor, action).with_target(id);
    tx.commit(entry.detail("path", &artifact.path).detail("version", artifact.version)).await
}

/// Deletes the version's row and its reference to the content. While a fork that has the version is
/// being copied, both are deferred to the worker.
fn take_out(
    tx: &mut Tx<'_>,
    scope: &LoadedScope,
    artifact: &Artifact,
    content: &Content,
) -> Result<()> {
    let key = ByNumber(artifact.clone()).key();
    if scope.is_being_copied() {
        let noted = Update::of(key).set("deleted_after_forks", scope.forks())?;
        tx.update(noted.only_if(Condition::Exists), Error::Conflict)?;
        let (shelf, path) = (artifact.shelf(), artifact.path.hash());
        return tx.put_new(&Leftover { shelf, path, version: artifact.version });
    }
    tx.delete(&key, Some(Condition::Exists), Error::Conflict)?;
    release(tx, [(content, 1)])
}

/// Returns the newest other version of the same path.
async fn newest_but(ctx: &Context, shelf: &Shelf, artifact: &Artifact) -> Result<Option<Artifact>> {
    let (pk, prefix) = (shelf.partition(), keys::versions_of(&artifact.path.hash()));
    let range = Range { pk: &pk, which: Which::StartingWithDescending(&prefix) };
    let mut most = AT_FIRST;
    loop {
        let found = ctx.table.first::<ByNumber>(&range, most).await?;
        let other =
            found.items.into_iter().map(|ByNumber(other)| other).find(|other| {
                other.version != artifact.version && other.deleted_after_forks.is_none()
            });
        if other.is_some() || !found.more {
            return Ok(other);
        }
        most *= 16;
    }
}

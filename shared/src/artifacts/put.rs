//! Adding a version to a path.

use super::{Artifact, ById, ByNumber, FilePath, Latest, Upload, Versions};
use crate::clock::Timestamp;
use crate::content::Object;
use crate::context::Context;
use crate::dynamo::{BatchResult, Condition, Tx};
use crate::error::{Error, Result};
use crate::ids::{ArtifactId, ProjectId};
use crate::projects::admit::Place;
use crate::values::ArtifactScope;

/// The versions of a path, as they were read.
#[derive(Clone, Debug)]
pub(super) struct Before {
    pub(super) versions: Versions,
    is_new: bool,
}

impl Before {
    /// What was found.
    pub(super) fn of(shelf: &ArtifactScope, path: &FilePath, found: &BatchResult) -> Result<Self> {
        let stored: Option<Versions> = found.read(&Versions::key_of(shelf, path))?;
        let is_new = stored.is_none();
        Ok(Self { versions: stored.unwrap_or_else(|| Versions::none(shelf, path)), is_new })
    }

    /// The number of the next.
    fn next(&self) -> u32 {
        self.versions.made + 1
    }

    /// How many files more there are with another version.
    fn more_files(&self) -> i64 {
        if self.versions.latest.is_none() { 1 } else { 0 }
    }

    /// Adds to a change that this is what there is of the path's versions: [`Error::Conflict`] where it has
    /// changed since.
    pub(super) fn store(&self, tx: &mut Tx<'_>, versions: Versions) -> Result<()> {
        let unchanged = if self.is_new {
            Condition::Absent
        } else {
            Condition::equal("changes", self.versions.changes)?
        };
        let versions = Versions { changes: self.versions.changes + 1, ..versions };
        tx.put(&versions, unchanged, Error::Conflict)
    }
}

/// Adds to a change that this is the next version of its path.
fn put(tx: &mut Tx<'_>, before: &Before, artifact: &Artifact) -> Result<()> {
    let (made, latest) = (artifact.version, Some(artifact.version));
    before.store(tx, Versions { made, latest, ..before.versions.clone() })?;
    let there = match before.versions.latest {
        Some(_) => Condition::Exists,
        None => Condition::Absent,
    };
    tx.put(&Latest(artifact.clone()), there, Error::Conflict)?;
    tx.put_new(&ById(artifact.clone()))?;
    // The path's own row keeps numbers apart.
    tx.put_new(&ByNumber(artifact.clone()))
}

/// Adds to a change that what was uploaded is the next version of its path, and is kept there.
pub(super) fn put_uploaded(
    tx: &mut Tx<'_>,
    before: &Before,
    place: &Place,
    upload: Upload,
    object: Object,
    now: Timestamp,
) -> Result<Artifact> {
    let artifact = Artifact {
        id: upload.id,
        path: upload.path,
        kind: upload.kind,
        version: before.next(),
        size: upload.size,
        content_type: upload.content_type,
        sha256: upload.sha256,
        object,
        created_at: now,
        forks: place.forks(),
        deleted_after_forks: None,
    };
    put(tx, before, &artifact)?;
    place.touch(tx, now, before.more_files())?;
    Ok(artifact)
}

/// What a file is copied into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copied<'a> {
    /// The fork.
    pub(crate) project: &'a ProjectId,
    /// When.
    pub(crate) at: Timestamp,
}

/// Adds to a change that this file lies in the fork too, as the first version of its path. That its content
/// has one more use is for the caller to add, who may copy several files that contain the same.
pub(crate) fn put_copy(
    ctx: &Context,
    tx: &mut Tx<'_>,
    original: &Artifact,
    to: Copied<'_>,
) -> Result<()> {
    let id = ArtifactId::in_project(&*ctx.random, to.at, to.project);
    let shelf = ArtifactScope::Project(to.project.clone());
    let copy = Artifact {
        id,
        version: 1,
        created_at: to.at,
        forks: 0,
        deleted_after_forks: None,
        ..original.clone()
    };
    let before = Before { versions: Versions::none(&shelf, &copy.path), is_new: true };
    put(tx, &before, &copy)
}

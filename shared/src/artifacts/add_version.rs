//! Adds versions to a path.

use super::{
    Artifact, FilePath, LatestVersion, PathVersions, Upload, VersionById, VersionByNumber,
};
use crate::blobs::BlobKey;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, BatchResult, Condition, Tx};
use crate::error::Result;
use crate::ids::{ArtifactId, ProjectId};
use crate::projects::authorize::LoadedScope;
use crate::values::ArtifactScope;

/// The versions of a path, as they were read.
#[derive(Clone, Debug)]
pub(super) struct PathState {
    pub(super) versions: PathVersions,
    is_new: bool,
}

impl PathState {
    /// Reads the versions of a path from rows that were read beforehand.
    pub(super) fn read(
        scope: &ArtifactScope,
        path: &FilePath,
        found: &BatchResult,
    ) -> Result<Self> {
        let stored: Option<PathVersions> = found.read(&PathVersions::key_of(scope, path))?;
        let is_new = stored.is_none();
        Ok(Self { versions: stored.unwrap_or_else(|| PathVersions::none(scope, path)), is_new })
    }

    /// Returns the number of the next version.
    fn next_number(&self) -> u32 {
        self.versions.made + 1
    }

    /// Returns by how much a new version changes the number of files.
    fn more_files(&self) -> i64 {
        if self.versions.latest.is_none() { 1 } else { 0 }
    }

    /// Stores the path's row in `tx`.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the path's versions changed since they were read.
    pub(super) fn store(&self, tx: &mut Tx<'_>, versions: PathVersions) -> Result<()> {
        let unchanged = if self.is_new {
            Condition::Absent
        } else {
            Condition::equal("changes", self.versions.changes)?
        };
        let versions = PathVersions { changes: self.versions.changes + 1, ..versions };
        tx.put(&versions, unchanged, AttemptError::Conflict)
    }
}

/// Adds the next version of a path to `tx`.
fn put_version(tx: &mut Tx<'_>, before: &PathState, artifact: &Artifact) -> Result<()> {
    let (made, latest) = (artifact.version, Some(artifact.version));
    before.store(tx, PathVersions { made, latest, ..before.versions.clone() })?;
    let latest_condition = match before.versions.latest {
        Some(_) => Condition::Exists,
        None => Condition::Absent,
    };
    tx.put(&LatestVersion(artifact.clone()), latest_condition, AttemptError::Conflict)?;
    tx.put_new(&VersionById(artifact.clone()))?;
    // The condition on the path's row keeps numbers unique.
    tx.put_new(&VersionByNumber(artifact.clone()))
}

/// An upload whose content is stored.
#[derive(Clone)]
pub(super) struct StoredUpload {
    pub(super) upload: Upload,
    /// The object that holds its content.
    pub(super) object: BlobKey,
}

/// Adds an uploaded file to `tx` as the next version of its path.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the path or its scope changed since it was read.
pub(super) fn put_uploaded(
    tx: &mut Tx<'_>,
    before: &PathState,
    loaded: &LoadedScope,
    stored: StoredUpload,
    now: Timestamp,
) -> Result<Artifact> {
    let StoredUpload { upload, object } = stored;
    let artifact = Artifact {
        id: upload.id,
        path: upload.path,
        kind: upload.kind,
        version: before.next_number(),
        size: upload.size,
        content_type: upload.content_type,
        sha256: upload.sha256,
        object,
        created_at: now,
        forks: loaded.forks(),
        deleted_after_forks: None,
    };
    put_version(tx, before, &artifact)?;
    loaded.record_change(tx, now, before.more_files())?;
    Ok(artifact)
}

/// The destination of a copied file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CopyDestination<'a> {
    pub(crate) project: &'a ProjectId,
    /// When the file is copied.
    pub(crate) at: Timestamp,
}

/// Adds a copy of a file to a fork in `tx`, as version 1 of its path. The caller must add the
/// reference to the content, because several files may share it.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the path exists in the fork by now.
pub(crate) fn put_copy(
    ctx: &Context,
    tx: &mut Tx<'_>,
    original: &Artifact,
    to: CopyDestination<'_>,
) -> Result<()> {
    let id = ArtifactId::in_project(&*ctx.random, to.at, to.project);
    let scope = ArtifactScope::Project(to.project.clone());
    let copy = Artifact {
        id,
        version: 1,
        created_at: to.at,
        forks: 0,
        deleted_after_forks: None,
        ..original.clone()
    };
    let before = PathState { versions: PathVersions::none(&scope, &copy.path), is_new: true };
    put_version(tx, &before, &copy)
}

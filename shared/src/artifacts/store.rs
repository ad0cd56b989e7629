//! The stored rows of artifacts. A version is stored by its id and by its number, and the latest
//! version once more for listing. They only change together with the path's row, which counts the
//! versions.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Artifact, ArtifactKind, ContentType, FilePath, NewFile};
use crate::blobs::{BlobKey, Sha256};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Key, Record};
use crate::ids::{ArtifactId, OrganizationId};
use crate::keys;
use crate::values::ArtifactScope;

/// How long an upload may take until it is completed.
pub(super) const UPLOAD_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// A version, stored by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionById(pub Artifact);

impl Record for VersionById {
    fn key(&self) -> Key {
        keys::version_by_id(&self.0.id)
    }
}

/// A version, stored by its path and number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionByNumber(pub Artifact);

impl Record for VersionByNumber {
    fn key(&self) -> Key {
        keys::version_by_number(&self.0.scope(), &self.0.path.hash(), self.0.version)
    }
}

/// The latest version of a file, stored in the list of the organization's files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LatestVersion(pub Artifact);

impl Record for LatestVersion {
    fn key(&self) -> Key {
        keys::latest_version(&self.0.scope(), self.0.path.as_str())
    }
}

/// The versions of a path. The row is kept after their deletion, so that numbers are never reused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PathVersions {
    /// The scope that the file belongs to.
    #[serde(rename = "shelf")]
    pub scope: ArtifactScope,
    /// The hash of the path.
    pub path: String,
    /// The number of versions ever created, which is also the number of the newest.
    pub made: u32,
    /// The number of the latest version that exists.
    pub latest: Option<u32>,
    /// A version that every change increments, for optimistic locking.
    pub changes: u64,
}

impl PathVersions {
    /// Creates the row of a path without versions.
    pub(crate) fn none(scope: &ArtifactScope, path: &FilePath) -> Self {
        Self { scope: scope.clone(), path: path.hash(), made: 0, latest: None, changes: 0 }
    }

    /// Returns the key of a path's row.
    pub(crate) fn key_of(scope: &ArtifactScope, path: &FilePath) -> Key {
        keys::path_versions(scope, &path.hash())
    }
}

impl Record for PathVersions {
    fn key(&self) -> Key {
        keys::path_versions(&self.scope, &self.path)
    }
}

/// Content that one or more versions of files refer to. It is kept while it has references.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Blob {
    pub(crate) client_id: OrganizationId,
    pub(crate) sha256: Sha256,
    /// The object that stores the content.
    pub(crate) object: BlobKey,
    /// The number of versions that refer to it.
    #[serde(rename = "uses")]
    pub(crate) ref_count: u32,
    /// Bytes of the content.
    #[serde(default)]
    pub(crate) size: u64,
}

impl Blob {
    /// Reads the content of these versions, with the number of references that they have to each.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] if content is missing, because the versions were deleted since they
    ///   were read.
    pub(crate) async fn referenced_by(
        ctx: &Context,
        versions: &[Artifact],
    ) -> Attempt<Vec<(Self, u32)>> {
        let mut ref_counts: BTreeMap<String, (Key, u32)> = BTreeMap::new();
        for version in versions {
            let key = version.blob_key();
            ref_counts.entry(key.sk.clone()).or_insert((key, 0)).1 += 1;
        }
        let wanted: Vec<_> = ref_counts.values().map(|(key, _)| key.clone()).collect();
        let mut found = ctx.table.batch_get(&wanted).await?;
        let stored = |(key, ref_counts): (Key, u32)| {
            let content: Option<Self> = found.take(&key)?;
            Ok((content.ok_or(AttemptError::Conflict)?, ref_counts))
        };
        ref_counts.into_values().map(stored).collect()
    }

    /// Returns the key of the content with this hash.
    pub(crate) fn key_of(organization_id: &OrganizationId, sha256: &Sha256) -> Key {
        keys::blob(organization_id, &sha256.to_string())
    }
}

impl Artifact {
    /// Returns the key of the row of the version's content.
    pub(super) fn blob_key(&self) -> Key {
        Blob::key_of(&self.id.organization(), &self.sha256)
    }
}

impl Record for Blob {
    fn key(&self) -> Key {
        Self::key_of(&self.client_id, &self.sha256)
    }
}

/// A deferred deletion: a version that the worker deletes once no fork is copying it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeferredDeletion {
    #[serde(rename = "shelf")]
    pub(crate) scope: ArtifactScope,
    /// The hash of the path.
    pub(crate) path: String,
    pub(crate) version: u32,
}

impl Record for DeferredDeletion {
    fn key(&self) -> Key {
        keys::deferred_deletion(&self.scope, &self.path, self.version)
    }
}

/// An upload that is not yet a version. The row names every object in S3 that must be removed if no
/// version results.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// The id of the future version.
    pub id: ArtifactId,
    /// Path that the new version gets.
    pub path: FilePath,
    /// What the file is for, as its uploader declared it.
    pub kind: ArtifactKind,
    /// The file's media type.
    pub content_type: ContentType,
    /// Size of the content in bytes.
    pub size: u64,
    /// The SHA-256 of the content.
    pub sha256: Sha256,
    /// The object that the caller uploads; `None` if the content came in a request.
    pub upload: Option<BlobKey>,
    /// Permanent objects that no version refers to, or that may exist: one for each try to complete
    /// the upload with an unknown outcome.
    pub kept: Vec<BlobKey>,
    /// The number of tries to complete the upload, for optimistic locking.
    #[serde(default)]
    pub tries: u32,
    /// Whether the upload has ended: it became a version, was not as declared, or is too late.
    #[serde(default)]
    pub abandoned: bool,
    /// Whether the organization's storage counts the upload, which it does from the request until the upload
    /// becomes a version or is removed.
    #[serde(default)]
    pub is_reserved: bool,
    /// How the upload differs from what was declared, if the worker found that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mismatch: Option<Mismatch>,
}

/// How an upload differs from what was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// It has another size.
    Size,
    /// It has another SHA-256.
    Sha256,
}

impl Mismatch {
    /// Returns the name of what differs, for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Sha256 => "SHA-256",
        }
    }
}

impl Upload {
    /// Creates the row of an upload for which nothing is stored yet.
    pub(super) fn new(id: ArtifactId, file: &NewFile, size: u64, sha256: Sha256) -> Self {
        Self {
            id,
            path: file.path.clone(),
            kind: file.kind,
            content_type: file.content_type.clone(),
            size,
            sha256,
            upload: None,
            kept: Vec::new(),
            tries: 0,
            abandoned: false,
            is_reserved: false,
            mismatch: None,
        }
    }

    /// Returns when the upload must be removed, which follows from its id.
    pub(crate) fn due_at(id: &ArtifactId) -> Timestamp {
        id.created_at().plus(UPLOAD_TTL)
    }

    /// Returns the key of an upload's row.
    pub(crate) fn key_of(id: &ArtifactId) -> Key {
        keys::pending_upload(Self::due_at(id), id)
    }
}

impl Record for Upload {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}

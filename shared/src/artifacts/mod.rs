//! Artifacts: files of a project, or of an organization itself. Each upload to a path creates a new
//! version, which never changes. Equal content is stored once per organization.

mod add_version;
mod blob_refs;
pub mod complete;
mod content_type;
pub mod delete;
pub mod list;
mod path;
pub mod read;
pub mod request_upload;
mod size_limit;
mod storage_usage;
mod store;
mod sweep;
pub mod sweep_uploads;
pub mod upload;
mod upload_authority;
pub mod versions;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use add_version::{CopyDestination, put_copy};
pub(crate) use blob_refs::{add_refs, drop_refs};
pub use content_type::ContentType;
pub use path::{FilePath, MAX_PATH_LEN};
pub use size_limit::MAX_ARTIFACT_BYTES;
pub use storage_usage::StorageUsage;
pub(crate) use store::{Blob, DeferredDeletion};
pub use store::{LatestVersion, Mismatch, PathVersions, Upload, VersionById, VersionByNumber};
pub(crate) use sweep::sweep_files;
pub use view::{ArtifactView, Download};

use crate::blobs::{BlobKey, Sha256};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::values::ArtifactScope;

/// The kind of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// Any file.
    #[default]
    File,
    /// A report for people to read.
    Report,
    /// A notebook: code with its results.
    Notebook,
    /// A trained model.
    Model,
}

impl ArtifactKind {
    /// Returns the kind's name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Report => "report",
            Self::Notebook => "notebook",
            Self::Model => "model",
        }
    }

    /// Parses the kind in a request.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if there is no such kind.
    pub fn parse(text: &str) -> Result<Self> {
        [Self::File, Self::Report, Self::Notebook, Self::Model]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::invalid_field("kind", "must be file, report, notebook or model"))
    }
}

/// The properties of a new file.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The scope that the file belongs to.
    pub scope: ArtifactScope,
    /// Path of the file within its project or organization.
    pub path: FilePath,
    /// What the file is for, as its uploader declared it.
    pub kind: ArtifactKind,
    /// The file's media type.
    pub content_type: ContentType,
}

/// One version of a file, as stored. Versions with equal content share a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The version's id, which contains its scope.
    pub id: ArtifactId,
    /// Path of the file within its project or organization.
    pub path: FilePath,
    /// What the file is for, as its uploader declared it.
    pub kind: ArtifactKind,
    /// The version's number within its path, counted from 1.
    pub version: u32,
    /// The size in bytes.
    pub size: u64,
    /// The file's media type.
    pub content_type: ContentType,
    /// The SHA-256 of the content.
    pub sha256: Sha256,
    /// The object that stores the content.
    pub object: BlobKey,
    /// When the version was uploaded or copied.
    pub created_at: Timestamp,
    /// How often the project had been forked at that time.
    #[serde(default)]
    pub forks: u32,
    /// How often the project had been forked at the version's deletion. It is set while the
    /// deletion is deferred.
    pub deleted_after_forks: Option<u32>,
}

impl Artifact {
    /// Returns the scope that the file belongs to.
    pub fn scope(&self) -> ArtifactScope {
        ArtifactScope::of(&self.id)
    }

    /// Returns whether a fork includes this version, given the fork count before that fork.
    pub(crate) fn existed_before_fork(&self, forks: u32) -> bool {
        self.forks <= forks && self.deleted_after_forks.is_none_or(|deleted| deleted > forks)
    }
}

//! Artifacts: files of a project, or of an organization itself. Each upload to a path creates a new
//! version, which never changes. Equal content is stored once per organization.

pub mod complete;
mod content_type;
mod contents;
pub mod delete;
pub mod list;
mod path;
mod put;
pub mod read;
pub mod request_upload;
mod store;
mod sweep;
pub mod sweep_uploads;
pub mod upload;
pub mod versions;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use content_type::ContentType;
pub(crate) use contents::{release, use_more};
pub use path::FilePath;
pub(crate) use put::{Copied, put_copy};
pub use store::{ById, ByNumber, Latest, Upload, Versions};
pub(crate) use store::{Content, Leftover};
pub(crate) use sweep::sweep_files;
pub use view::{ArtifactView, Download};

use crate::clock::Timestamp;
use crate::content::{Object, Sha256};
use crate::dynamo::Key;
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::values::ArtifactScope;

/// The kind of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ArtifactKind)]
pub enum Kind {
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

impl Kind {
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
    pub shelf: ArtifactScope,
    /// The file's path.
    pub path: FilePath,
    /// The file's kind.
    pub kind: Kind,
    /// The file's media type.
    pub content_type: ContentType,
}

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The version's id, which contains its scope.
    pub id: ArtifactId,
    /// The file's path.
    pub path: FilePath,
    /// The file's kind.
    pub kind: Kind,
    /// The version's number within its path, counted from 1.
    pub version: u32,
    /// The size in bytes.
    pub size: u64,
    /// The file's media type.
    pub content_type: ContentType,
    /// The SHA-256 of the content.
    pub sha256: Sha256,
    /// The object that stores the content.
    pub object: Object,
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
    pub fn shelf(&self) -> ArtifactScope {
        ArtifactScope::of(&self.id)
    }

    /// Returns whether a fork includes this version, given the fork count before that fork.
    pub(crate) fn was_there(&self, forks: u32) -> bool {
        self.forks <= forks && self.deleted_after_forks.is_none_or(|deleted| deleted > forks)
    }

    fn content_key(&self) -> Key {
        Content::key_of(&self.id.client(), &self.sha256)
    }
}

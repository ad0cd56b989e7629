//! Artifacts: files of a project, or of an organization itself. Every upload of a path is a new version,
//! which never changes; what it contains is kept once in an organization, however many versions contain it.

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

/// What a file is to those who work with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ArtifactKind)]
pub enum Kind {
    /// Whatever it is.
    #[default]
    File,
    /// What was found out, to be read by people.
    Report,
    /// Code with its results.
    Notebook,
    /// What was learned from data.
    Model,
}

impl Kind {
    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Report => "report",
            Self::Notebook => "notebook",
            Self::Model => "model",
        }
    }

    /// Reads what a caller asks for. [`Error::InvalidField`].
    pub fn parse(text: &str) -> Result<Self> {
        [Self::File, Self::Report, Self::Notebook, Self::Model]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::invalid_field("kind", "expected file, report, notebook or model"))
    }
}

/// A file as somebody wants to have it kept.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Where it is to lie.
    pub shelf: ArtifactScope,
    /// Under which path.
    pub path: FilePath,
    /// What it is.
    pub kind: Kind,
    /// Of what media type.
    pub content_type: ContentType,
}

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its id, which names where it lies.
    pub id: ArtifactId,
    /// The file's path.
    pub path: FilePath,
    /// What it is.
    pub kind: Kind,
    /// Counts the versions of the path from 1.
    pub version: u32,
    /// In bytes.
    pub size: u64,
    /// Its media type.
    pub content_type: ContentType,
    /// Of its content.
    pub sha256: Sha256,
    /// Where its content is.
    pub object: Object,
    /// When it was uploaded, or copied.
    pub created_at: Timestamp,
    /// How often its project had been forked before.
    #[serde(default)]
    pub forks: u32,
    /// Set when it was deleted while a fork that has it is being copied: how often its project had been
    /// forked before.
    pub deleted_after_forks: Option<u32>,
}

impl Artifact {
    /// Where it lies.
    pub fn shelf(&self) -> ArtifactScope {
        ArtifactScope::of(&self.id)
    }

    /// Whether a fork has it, before which the project had been forked so often.
    pub(crate) fn was_there(&self, forks: u32) -> bool {
        self.forks <= forks && self.deleted_after_forks.is_none_or(|deleted| deleted > forks)
    }

    fn content_key(&self) -> Key {
        Content::key_of(&self.id.client(), &self.sha256)
    }
}

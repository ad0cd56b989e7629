//! The brief of a project: its goals, written in Markdown.

mod markdown;
pub mod read;
pub mod write;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use markdown::{MAX_BRIEF_BYTES, Markdown};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::ProjectId;
use crate::keys;

/// A project's brief. A project has no brief until one is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Brief {
    pub(crate) project_id: ProjectId,
    /// The text of the brief.
    pub(crate) content: Markdown,
    /// When the brief was last changed.
    pub(crate) updated_at: Timestamp,
    /// A version that every change increments, for optimistic locking.
    pub(crate) version: u64,
}

impl Record for Brief {
    fn key(&self) -> Key {
        keys::brief(&self.project_id)
    }
}

/// A project's brief.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Brief)]
pub struct BriefView {
    /// The Markdown text, exactly as it was sent; empty if no brief was written.
    #[schema(example = "# Churn\n\nWho leaves, and *why*?")]
    pub content: String,
    /// When the brief was last changed; null if no brief was written.
    #[schema(required)]
    pub updated_at: Option<Timestamp>,
    /// The number of changes, for optimistic locking in pages; null before the first one. No part of the API.
    #[serde(skip)]
    pub version: Option<u64>,
}

impl From<Option<Brief>> for BriefView {
    fn from(brief: Option<Brief>) -> Self {
        match brief {
            Some(brief) => Self {
                content: brief.content.into_text(),
                updated_at: Some(brief.updated_at),
                version: Some(brief.version),
            },
            None => Self { content: String::new(), updated_at: None, version: None },
        }
    }
}

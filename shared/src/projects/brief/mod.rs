//! The brief of a project: what is to be found out in it, in Markdown.

pub mod read;
mod text;
pub mod write;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use text::{MOST_BYTES, Markdown};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::ProjectId;
use crate::keys;

/// A brief. A project has none until one is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Brief {
    /// Whose.
    pub(crate) project_id: ProjectId,
    /// The text.
    pub(crate) content: Markdown,
    /// When it was last changed.
    pub(crate) updated_at: Timestamp,
    /// Counts every change: whoever decides on what was read makes this part of the condition.
    pub(crate) version: u64,
}

impl Record for Brief {
    fn key(&self) -> Key {
        keys::brief(&self.project_id)
    }
}

/// A brief as those who may have the project see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Brief)]
pub struct BriefView {
    /// Markdown, as it was written; empty as long as nothing was.
    #[schema(example = "# Churn\n\nWho leaves, and *why*?")]
    content: String,
    /// When it was last changed; null as long as nothing was written.
    #[schema(required)]
    updated_at: Option<Timestamp>,
}

impl From<Option<Brief>> for BriefView {
    fn from(brief: Option<Brief>) -> Self {
        match brief {
            Some(brief) => {
                Self { content: brief.content.into_text(), updated_at: Some(brief.updated_at) }
            }
            None => Self { content: String::new(), updated_at: None },
        }
    }
}

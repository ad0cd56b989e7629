//! Checked descriptions of projects.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::text;

/// Maximum length of a description in characters.
pub const MAX_DESCRIPTION_LEN: usize = 1_000;

/// A project's description on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

impl Description {
    /// Parses a description. Returns `None` for a blank text.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`](crate::error::Error::InvalidField) if it is too long or contains control characters.
    pub fn parse(text: &str) -> Result<Option<Self>> {
        Ok(text::normalize_line("description", text, MAX_DESCRIPTION_LEN)?.map(Self))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

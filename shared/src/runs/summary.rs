//! Checked summaries of runs.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::text;

/// Maximum length of a summary in characters.
const MAX_SUMMARY_LEN: usize = 2_000;

/// A summary of a finished run, of one or more lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunSummary(String);

impl RunSummary {
    /// Parses a summary. Returns `None` for a blank text.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`](crate::error::Error::InvalidField) if it is too long or contains control characters
    ///   other than line ends and tabs.
    pub fn parse(text: &str) -> Result<Option<Self>> {
        Ok(text::normalize_lines("summary", text, MAX_SUMMARY_LEN)?.map(Self))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

//! The error of the tools.

use std::path::Path;

/// A reason for which a tool stops before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    /// The command line is wrong, for the reason in the text.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The path of the file, as the command line names it.
        path: String,
        /// The reason why the file cannot be read or written.
        cause: String,
    },
    /// The tool stops before its end, for the reason in the text.
    #[error("{0}")]
    Stopped(&'static str),
    /// AWS or Stripe fails, or the environment lacks a variable.
    // The messages of this error for users hide the cause, which operators need.
    #[error("{0:?}")]
    Service(#[from] shared::error::Error),
}

impl ToolError {
    /// Makes the error of a file.
    pub(crate) fn file(path: &Path, cause: impl ToString) -> Self {
        Self::File { path: path.display().to_string(), cause: cause.to_string() }
    }
}

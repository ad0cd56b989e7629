//! Environment variables that only the tools need. `ops/tool` reads their values from the stack.

use crate::error::ToolError;

/// Returns the URL of the queue of messages that were received too often, from `WORK_DEAD_LETTERS_URL`.
///
/// # Errors
/// `Usage` if the variable is not set.
pub(crate) fn work_dead_letters_url() -> Result<String, ToolError> {
    required("WORK_DEAD_LETTERS_URL")
}

#[allow(clippy::disallowed_methods)]
fn required(name: &str) -> Result<String, ToolError> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.ok_or_else(|| ToolError::Usage(format!("the environment variable {name} is not set")))
}

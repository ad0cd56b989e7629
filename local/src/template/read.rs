//! Reads a part of the template.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a part of the template.
///
/// # Errors
/// A message that names `location` and what is wrong there.
pub(super) fn read<T: DeserializeOwned>(location: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("{location}: {error}"))
}

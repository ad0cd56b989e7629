//! Access to JSON values.

use serde_json::Value;

/// Returns the text of a JSON string.
pub fn as_text(value: &Value) -> &str {
    value.as_str().unwrap()
}

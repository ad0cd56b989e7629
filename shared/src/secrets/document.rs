//! The JSON documents of secrets.

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// Parses the document of the secret called `name`.
///
/// # Errors
///
/// * An internal error if the document has another form. It never quotes the document.
pub(super) fn parse_document<T: DeserializeOwned>(name: &str, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| {
        Error::internal(format!("the {name} secret is not as documented: line {}", error.line()))
    })
}

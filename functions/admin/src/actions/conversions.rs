//! Conversions between parameters or results of actions and JSON.

use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;
use shared::error::{Error, Result};

/// Parses the id in a parameter.
///
/// # Errors
/// `InvalidField` with the parameter's name if the text is not an id of the kind.
pub(super) fn parse_id<Id: FromStr>(parameter: &str, text: &str) -> Result<Id> {
    let why = "must be an id of this kind, as `find` prints it";
    text.parse().map_err(|_| Error::invalid_field(parameter, why))
}

/// Converts the result of an operation to JSON.
///
/// # Errors
/// An internal error if the result cannot be serialized.
pub(super) fn to_json(result: impl Serialize) -> Result<Value> {
    serde_json::to_value(result).map_err(Error::internal)
}

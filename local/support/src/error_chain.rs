//! Messages of errors and their causes.

use std::error::Error;

/// Returns the message of an error and of its causes, separated by colons.
pub fn describe_error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

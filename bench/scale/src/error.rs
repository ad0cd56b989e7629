//! The error of this crate.

use std::fmt;

/// What is wrong with an input, in words.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// Creates an error with a message.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// A result with the error of this crate.
pub type Result<T> = std::result::Result<T, Error>;

//! The reasons why a password hash cannot be imported.

/// Why a password hash cannot be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableHash {
    /// It is in none of the supported forms.
    #[error("the password hash is in none of the supported forms")]
    Unsupported,
    /// It has the beginning of a supported form, and is malformed.
    #[error("the password hash is malformed")]
    Malformed,
    /// Verifying it takes more memory or time than a sign-in may.
    #[error("the password hash takes too much memory or time to verify: {0}")]
    TooCostly(&'static str),
}

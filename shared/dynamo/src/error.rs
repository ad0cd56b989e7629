//! The failures of this crate. The application converts them into its own error type.

/// The cause of a failure, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A failure of the table that no condition of the caller stands for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cursor was not made by this service, or belongs to another list.
    #[error("the cursor does not belong to this list")]
    InvalidCursor,
    /// Other writers kept changing the same items, until the last attempt.
    #[error("other writers kept changing the same items")]
    Contention,
    /// DynamoDB is down, throttles, or answers too slowly. The SDK has retried already.
    #[error("DynamoDB is unavailable: {0}")]
    Unavailable(#[source] BoxError),
    /// A stored item cannot be decoded.
    #[error("a stored item cannot be decoded: {0}")]
    Undecodable(String),
    /// A defect of this crate or of its caller.
    #[error("{0}")]
    Internal(#[source] BoxError),
}

impl Error {
    /// Makes an [`Error::Internal`] with a cause for the log.
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        Self::Internal(cause.into())
    }

    /// Makes an [`Error::Unavailable`] with a cause for the log.
    pub fn unavailable(cause: impl Into<BoxError>) -> Self {
        Self::Unavailable(cause.into())
    }
}

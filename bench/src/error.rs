//! What stops a measurement: a message for a person.

/// An error with a message for a person.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// The result of a step of the benchmark.
pub(crate) type Result<T> = std::result::Result<T, Error>;

//! The time source of the simulators.

/// Tells the time, which the owner of the clock may move.
pub trait Clock: Send + Sync {
    /// Returns the current time in seconds since 1970-01-01T00:00:00Z.
    fn now_seconds(&self) -> i64;
}

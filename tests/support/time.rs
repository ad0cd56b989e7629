//! Lengths of time in seconds.

/// A day in seconds.
pub const DAY: u64 = 24 * 60 * 60;

/// An hour in seconds.
pub const HOUR: u64 = 60 * 60;

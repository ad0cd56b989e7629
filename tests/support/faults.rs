//! Numbers of injected faults.

/// More failures than the SDK retries.
pub const PERMANENTLY: usize = 1000;

//! The measurements of a simulation.

/// The measurements of one run, without those of the warm-up.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationOutcome {
    /// Concurrent callers.
    pub callers: usize,
    /// Charges in a second.
    pub charges_per_s: f64,
    /// Attempts that met another charge, for each charge.
    pub conflicts_per_charge: f64,
    /// Writes or transactions that DynamoDB throttled, for each charge.
    pub throttles_per_charge: f64,
    /// The share of all requests that was answered 503.
    pub refused_share: f64,
    /// The median of the time from a charge's first request to its success.
    pub median_ms: f64,
    /// The 99th percentile of this time.
    pub p99_ms: f64,
    /// The mean of this time.
    pub mean_ms: f64,
    /// Executions of Lambda that the requests held on average.
    pub executions: f64,
    /// The used share of the busiest partition's write units, with those of failed attempts.
    pub utilization: f64,
}

/// Counters of a run, without those of the warm-up.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) conflicts: u64,
    pub(super) throttles: u64,
    pub(super) refused: u64,
    /// Microseconds of all requests.
    pub(super) request_time: u64,
    /// Microseconds of each charge.
    pub(super) durations: Vec<u64>,
}

/// Returns the value at a percentile of sorted values, 0 if there are none.
pub(super) fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

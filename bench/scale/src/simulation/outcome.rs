//! The measurements of a simulation.

/// The measurements of one run, without those of the warm-up.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationOutcome {
    /// Number of callers that spend credits at the same time.
    pub callers: usize,
    /// Number of debits that succeeded in a second.
    pub debits_per_s: f64,
    /// Number of attempts that met another debit, divided by the number of debits.
    pub conflicts_per_debit: f64,
    /// Number of writes or transactions that DynamoDB throttled, divided by the number of debits.
    pub throttles_per_debit: f64,
    /// Share of all requests that were answered 503, from 0 to 1.
    pub refused_share: f64,
    /// Median of the time from a debit's first request to its success, in milliseconds.
    pub median_ms: f64,
    /// 99th percentile of the same time, in milliseconds.
    pub p99_ms: f64,
    /// Mean of the same time, in milliseconds.
    pub mean_ms: f64,
    /// Number of Lambda executions that the requests held at the same time, on average.
    pub executions: f64,
    /// Share of the busiest partition's write capacity units that were used, also by failed attempts.
    pub utilization: f64,
}

/// Counters of a run, without those of the warm-up.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) conflicts: u64,
    pub(super) throttles: u64,
    pub(super) refused: u64,
    /// Sum of the times of all requests, in microseconds.
    pub(super) request_time: u64,
    /// The time of each debit from its first request to its success, in microseconds.
    pub(super) durations: Vec<u64>,
}

/// Returns the value at a percentile of sorted values, 0 if there are none.
pub(super) fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

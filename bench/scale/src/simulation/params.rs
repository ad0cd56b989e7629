//! The parameters of a simulation.

use serde::Deserialize;

/// Parameters of the simulation of one organization.
#[derive(Clone, Debug, Deserialize)]
pub struct SimulationParams {
    /// The seed of the random numbers.
    pub seed: u64,
    /// Number of seconds that are measured.
    pub seconds: u64,
    /// Number of seconds that are simulated before the measurement.
    pub warm_up_seconds: u64,
    /// Numbers of callers at the same time. Each number has a run of its own.
    pub callers: Vec<usize>,
    /// Milliseconds between two debits of a caller, on average.
    pub pause_ms: u64,
    /// Maximum number of attempts of a request that meets other debits.
    pub max_attempts: u32,
    /// Maximum wait before the second attempt, in milliseconds. It doubles with each attempt.
    pub initial_backoff_ms: u64,
    /// Maximum wait between any two attempts, in milliseconds.
    pub max_backoff_ms: u64,
    /// Pause of a caller after a 503, in milliseconds.
    pub retry_after_ms: u64,
    /// Maximum number of retries of a write that DynamoDB throttled.
    pub throttle_retries: u32,
    /// Maximum wait before the first retry of a throttled write, in milliseconds. It doubles with each retry.
    pub throttle_backoff_ms: u64,
    /// Bytes of the guard that makes a ledger entry unique.
    pub guard_bytes: f64,
    /// Bytes of a ledger entry.
    pub entry_bytes: f64,
    /// Bytes of a balance without recent debits.
    pub balance_bytes: f64,
    /// Bytes of a balance with a full list of recent debits.
    pub full_balance_bytes: f64,
    /// One debit in so many removes old debits from the balance.
    pub shorten_one_in: u64,
    /// Bytes of the items in `CLIENT#c` of a debit as one transaction, with those that are only checked.
    pub organization_item_bytes: Vec<f64>,
}

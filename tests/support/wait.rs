//! Waiting for what happens in the background.

use std::time::Duration;

/// Number of checks before the wait fails.
const MAX_CHECKS: usize = 1_000;

/// Time between two checks.
const INTERVAL: Duration = Duration::from_millis(10);

/// Waits until a condition holds.
///
/// # Panics
/// If it does not hold within ten seconds.
pub async fn wait_until(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..MAX_CHECKS {
        if holds().await {
            return;
        }
        tokio::time::sleep(INTERVAL).await;
    }
    panic!("never: {what}");
}

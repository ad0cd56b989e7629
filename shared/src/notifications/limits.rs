//! Limits on notifications, so that one organization cannot flood its members, or the queue that it shares with
//! others. The numbers are our own choice: people who get more mail than this read none of it.

use std::time::Duration;

use crate::throttle::Throttle;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Runs of one organization whose end notifies its members. Later ends in the same hour notify nobody; the list of runs
/// shows them.
pub const RUNS_PER_ORGANIZATION: Throttle =
    Throttle { operation: "run-notifications", limit: 100, window: HOUR };

/// Notifications of runs and used credits to one user, from all organizations. Payments are not counted.
pub const NOTIFICATIONS_PER_USER: Throttle =
    Throttle { operation: "notifications-to-user", limit: 60, window: HOUR };

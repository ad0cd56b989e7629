//! One invocation of the worker by a schedule, as Lambda does it without waiting for an answer.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use shared::dynamo::meter;
use worker::Worker;

use crate::notice::{Notice, Observer};
use crate::stream::Pump;
use crate::template::Schedule;

/// Lambda tries an asynchronous invocation that failed twice more.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
const ATTEMPTS: u32 = 3;

/// The wait between two. Lambda waits minutes, and nobody watches.
const RETRY_AFTER: Duration = Duration::from_millis(50);

/// What an invocation needs.
#[derive(Clone)]
pub(crate) struct Invocation {
    pub(crate) worker: Worker,
    pub(crate) timeout: Duration,
    pub(crate) pump: Pump,
    pub(crate) observer: Observer,
}

impl Invocation {
    /// Invokes the worker until it succeeds, or is given up. What it wrote to the table's stream has
    /// been dealt with at the end, before the clock moves on and it is late.
    pub(crate) async fn run(self, schedule: Schedule) {
        let ((), usage) = meter::measure(self.attempt(&schedule)).await;
        if usage.wcu > 0.0 {
            self.pump.look();
            if !self.pump.drained().await {
                tracing::warn!(schedule = schedule.name, "what a schedule caused is not done yet");
            }
        }
    }

    async fn attempt(&self, schedule: &Schedule) {
        let failed = |attempt| {
            let schedule = schedule.name.as_str();
            (self.observer)(Notice::FailedSchedule { schedule, attempt, attempts: ATTEMPTS });
        };
        until_done(|| self.invoke(&schedule.input), failed).await;
    }

    /// Says whether it succeeded. A panic or too long a run is a failure.
    async fn invoke(&self, payload: &str) -> bool {
        let event = match serde_json::from_str(payload) {
            Ok(event) => event,
            Err(error) => {
                tracing::error!(cause = ?error, "the worker doesn't know a schedule's event");
                return false;
            }
        };
        let run = AssertUnwindSafe(self.worker.invoke(event)).catch_unwind();
        match tokio::time::timeout(self.timeout, run).await {
            // The worker has logged why it failed, and a panic has gone to standard error.
            Ok(outcome) => matches!(outcome, Ok(Ok(_))),
            Err(_) => {
                tracing::error!("an invocation of the worker timed out");
                false
            }
        }
    }
}

/// Tries until it is done, at most [`ATTEMPTS`] times; each failure is told.
async fn until_done<F>(invoke: impl Fn() -> F, failed: impl Fn(u32))
where
    F: Future<Output = bool>,
{
    for attempt in 1..=ATTEMPTS {
        if invoke().await {
            return;
        }
        failed(attempt);
        if attempt < ATTEMPTS {
            tokio::time::sleep(RETRY_AFTER).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};

    /// The attempts, and those that were told as failed, of what succeeds from attempt `good` on.
    async fn attempts(good: u32) -> (u32, Vec<u32>) {
        let (made, told) = (Cell::new(0), RefCell::new(Vec::new()));
        let invoke = || {
            made.set(made.get() + 1);
            std::future::ready(made.get() >= good)
        };
        until_done(invoke, |attempt| told.borrow_mut().push(attempt)).await;
        (made.get(), told.into_inner())
    }

    #[tokio::test]
    async fn a_failed_invocation_is_tried_twice_more() {
        assert_eq!(attempts(1).await, (1, vec![]));
        assert_eq!(attempts(2).await, (2, vec![1]));
        assert_eq!(attempts(9).await, (3, vec![1, 2, 3]));
    }
}

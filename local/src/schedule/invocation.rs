//! An asynchronous invocation of the worker by a schedule or an event, with the retries of Lambda.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Value;
use shared::dynamo::meter;
use shared::random::Random;
use worker::Worker;

use crate::invocation::create_invocation;
use crate::stack_event::{EventListener, StackEvent};
use crate::stream::StreamPoller;
use crate::template::Schedule;

/// The maximum number of attempts: Lambda retries a failed asynchronous invocation twice.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
const MAX_ATTEMPTS: u32 = 3;

/// The delay between two attempts. Lambda waits minutes, but developers and tests wait for this one.
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// The parts that an invocation needs.
#[derive(Clone)]
pub(crate) struct Invocation {
    pub(crate) worker: Worker,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) timeout: Duration,
    pub(crate) poller: StreamPoller,
    pub(crate) event_listener: EventListener,
}

impl Invocation {
    /// Invokes the worker until it succeeds or is given up. Returns after the worker has processed what the
    /// invocation wrote to the stream, so that the clock does not move on before.
    pub(crate) async fn run(self, schedule: Schedule) {
        let attempts = self.attempt(&schedule.name, &schedule.input);
        let ((), usage) = meter::measure(attempts).await;
        if usage.wcu > 0.0 {
            self.poller.wake();
            if !self.poller.wait_until_drained().await {
                tracing::warn!(
                    schedule = schedule.name,
                    "the stream records of a schedule are still being processed"
                );
            }
        }
    }

    /// Invokes the worker with an event of EventBridge until it succeeds or is given up.
    pub(crate) async fn run_event(&self, event: &Value) {
        let name = event["detail-type"].as_str().unwrap_or_default();
        let ((), usage) = meter::measure(self.attempt(name, &event.to_string())).await;
        if usage.wcu > 0.0 {
            self.poller.wake();
        }
    }

    async fn attempt(&self, schedule: &str, input: &str) {
        let failed = |attempt| {
            (self.event_listener)(StackEvent::FailedSchedule {
                schedule,
                attempt,
                attempts: MAX_ATTEMPTS,
            });
        };
        retry(|| self.invoke(input), failed).await;
    }

    /// Invokes the worker once. Returns whether it succeeded. A panic or a timeout is a failure.
    async fn invoke(&self, payload: &str) -> bool {
        let event = match serde_json::from_str(payload) {
            Ok(event) => event,
            Err(error) => {
                tracing::error!(cause = ?error, "the worker does not support an event");
                return false;
            }
        };
        let invocation = create_invocation(&*self.random, event);
        let run = AssertUnwindSafe(self.worker.handle(invocation)).catch_unwind();
        match tokio::time::timeout(self.timeout, run).await {
            // The worker logs its failures, and a panic prints its message to standard error.
            Ok(outcome) => matches!(outcome, Ok(Ok(_))),
            Err(_) => {
                tracing::error!("an invocation of the worker timed out");
                false
            }
        }
    }
}

/// Invokes until it succeeds, at most [`MAX_ATTEMPTS`] times. Calls `failed` with the number of each failed
/// attempt.
async fn retry<F>(invoke: impl Fn() -> F, failed: impl Fn(u32))
where
    F: Future<Output = bool>,
{
    for attempt in 1..=MAX_ATTEMPTS {
        if invoke().await {
            return;
        }
        failed(attempt);
        if attempt < MAX_ATTEMPTS {
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};

    /// Returns the number of attempts and the attempts that were reported as failed, for an invocation that
    /// succeeds from attempt `first_success` on.
    async fn attempts(first_success: u32) -> (u32, Vec<u32>) {
        let (count, reported) = (Cell::new(0), RefCell::new(Vec::new()));
        let invoke = || {
            count.set(count.get() + 1);
            std::future::ready(count.get() >= first_success)
        };
        retry(invoke, |attempt| reported.borrow_mut().push(attempt)).await;
        (count.get(), reported.into_inner())
    }

    #[tokio::test]
    async fn a_failed_invocation_is_tried_twice_more() {
        assert_eq!(attempts(1).await, (1, vec![]));
        assert_eq!(attempts(2).await, (2, vec![1]));
        assert_eq!(attempts(9).await, (3, vec![1, 2, 3]));
    }
}

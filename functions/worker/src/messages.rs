//! Processes the messages of the queues.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use shared::cause::caused_by;
use shared::clock::Stopwatch;
use shared::error::{Error, Result};
use tracing::Instrument;

use crate::Worker;
use crate::concurrent::START_TIMEOUT;
use crate::message::{Task, WorkerMessage};
use crate::queue_event::{QueueEvent, QueueItemFailure, QueueRecord, QueueResponse};

/// The longest time between two attempts. With the `maxReceiveCount` of the queues in `template.yaml`, a message that
/// always fails becomes a dead letter after a quarter of an hour.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(60);

impl Worker {
    /// Processes a batch of a queue. Returns the messages to retry.
    ///
    /// Messages of one group are processed in order, up to the first that fails; those behind it must be retried as
    /// well, so that none overtakes it. Groups are processed concurrently.
    pub async fn process_messages(&self, event: QueueEvent) -> QueueResponse {
        let mut groups: BTreeMap<String, Vec<QueueRecord>> = BTreeMap::new();
        for record in event.records {
            groups.entry(record.attributes.message_group_id.clone()).or_default().push(record);
        }
        let failed = join_all(groups.into_values().map(|group| self.process_group(group))).await;
        let failed: Vec<_> = failed.into_iter().flatten().collect();
        join_all(failed.iter().map(|record| self.retry_soon(record))).await;
        let failures = failed.into_iter();
        let failures =
            failures.map(|record| QueueItemFailure { item_identifier: record.message_id });
        QueueResponse { batch_item_failures: failures.collect() }
    }

    async fn process_group(&self, records: Vec<QueueRecord>) -> Vec<QueueRecord> {
        let watch = Stopwatch::start();
        let mut records = records.into_iter();
        while let Some(record) = records.next() {
            let is_late = watch.elapsed() >= START_TIMEOUT;
            if is_late || self.process_record(&record).await.is_err() {
                return std::iter::once(record).chain(records).collect();
            }
        }
        Vec::new()
    }

    /// Processes a message. Its log lines name it and the request that caused it.
    async fn process_record(&self, record: &QueueRecord) -> Result<()> {
        let message: serde_json::Result<WorkerMessage> = serde_json::from_str(&record.body);
        let cause = message.as_ref().ok().and_then(|message| message.cause_request_id.clone());
        // The level of an error, so that the span exists at every `LogLevel`.
        let span = tracing::error_span!(
            "message",
            message_id = record.message_id,
            cause_request_id = cause.as_deref()
        );
        caused_by(cause, self.process_message(message)).instrument(span).await
    }

    async fn process_message(&self, message: serde_json::Result<WorkerMessage>) -> Result<()> {
        let message = message.map_err(|error| {
            tracing::error!(cause = ?error, "cannot parse a message");
            Error::internal(error)
        })?;
        // Boxed, because the compiler gives up on the types of futures that are nested this deep in others.
        match &message.task {
            Task::Deliver => self.deliver_row(&message).boxed().await,
            Task::RunStep(job) => {
                let sequence_number = message.sequence_number.as_deref();
                self.run_step_of_stream(job, sequence_number).boxed().await
            }
            Task::CopyEvent(event) => self.copy_event(&message, event.as_deref()).boxed().await,
        }
    }

    /// Makes a failed message visible again after a delay. If that call fails, the visibility timeout makes it visible.
    async fn retry_soon(&self, record: &QueueRecord) {
        let Some(queue) = self.clients.queues.find(&record.event_source_arn) else { return };
        let receives = record.attributes.approximate_receive_count.parse().unwrap_or(1);
        let delay = retry_delay(receives);
        if let Err(error) = queue.retry_after(&record.receipt_handle, delay).await {
            let message_id = &record.message_id;
            tracing::error!(cause = ?error, message_id, "a message stays hidden until its timeout");
        }
    }
}

/// Returns the time until the next attempt, after a message was received this often: a second, which doubles with
/// each attempt up to [`MAX_RETRY_DELAY`].
fn retry_delay(receives: u32) -> Duration {
    let doublings = receives.saturating_sub(1).min(16);
    Duration::from_secs(1 << doublings).min(MAX_RETRY_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delays_grow_up_to_a_minute() {
        let delays = [0, 1, 2, 3, 6, 7, 20, u32::MAX].map(|count| retry_delay(count).as_secs());
        assert_eq!(delays, [1, 1, 2, 4, 32, 60, 60, 60]);
    }
}

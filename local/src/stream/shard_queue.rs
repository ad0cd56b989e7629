//! A queue of stream records that are processed in order, one batch at a time.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::event::sequence_number;

/// The delay before the first retry. It doubles with each retry up to [`MAX_RETRY_DELAY`]. Lambda's delays are
/// longer, but developers and tests wait for this one.
const MIN_RETRY_DELAY: Duration = Duration::from_millis(50);

const MAX_RETRY_DELAY: Duration = Duration::from_secs(1);

/// The pending records of the items that share this queue.
#[derive(Default)]
pub(super) struct ShardQueue {
    records: VecDeque<Value>,
    /// The number of failures of the batch at the front.
    failures: u32,
    not_before: Option<Instant>,
}

/// The batch settings of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchRules {
    pub(super) batch_size: usize,
    /// The maximum number of retries of a batch. `None` retries until it succeeds.
    pub(super) max_retries: Option<u32>,
}

impl ShardQueue {
    pub(super) fn push(&mut self, record: Value) {
        self.records.push_back(record);
    }

    /// Returns whether no record waits, not even for a retry.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns whether a batch can be processed now.
    pub(super) fn is_ready(&self) -> bool {
        !self.records.is_empty() && self.not_before.is_none_or(|moment| moment <= Instant::now())
    }

    /// Returns the time at which a failed batch is retried.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        (!self.records.is_empty()).then_some(self.not_before).flatten()
    }

    /// Passes the batch at the front to the function, whose `None` means that the whole batch failed. Returns
    /// the sequence number of a record that is given up.
    ///
    /// As in Lambda, all records from the lowest failed one on are retried, even those that succeeded.
    pub(super) async fn process_batch<F>(
        &mut self,
        rules: BatchRules,
        function: impl FnOnce(Event) -> F,
    ) -> Option<String>
    where
        F: Future<Output = Option<DynamoDbEventResponse>>,
    {
        let batch: Vec<&Value> = self.records.iter().take(rules.batch_size).collect();
        let length = batch.len();
        let done = match serde_json::from_value(json!({"Records": batch})) {
            Ok(event) => match function(event).await {
                Some(response) => count_succeeded(&batch, &response),
                None => 0,
            },
            Err(error) => {
                tracing::error!(cause = ?error, "a stream record cannot be converted to an event");
                0
            }
        };
        self.records.drain(..done);
        if done > 0 {
            self.failures = 0;
        }
        if done == length {
            self.not_before = None;
            return None;
        }
        self.failures += 1;
        if rules.max_retries.is_some_and(|max| self.failures > max) {
            self.failures = 0;
            self.not_before = None;
            let given_up = self.records.pop_front()?;
            return Some(sequence_number(&given_up).to_owned());
        }
        let wait = MIN_RETRY_DELAY.saturating_mul(1 << (self.failures - 1).min(16));
        self.not_before = Some(Instant::now() + wait.min(MAX_RETRY_DELAY));
        None
    }
}

/// Returns the number of records at the front of a batch that need no retry.
fn count_succeeded(batch: &[&Value], response: &DynamoDbEventResponse) -> usize {
    let failed: HashSet<&str> = response
        .batch_item_failures
        .iter()
        .map(|failure| failure.item_identifier.as_deref().unwrap_or_default())
        .collect();
    if failed.is_empty() {
        return batch.len();
    }
    // As in Lambda, a number that is not in the batch fails the whole batch.
    let numbers: Vec<_> = batch.iter().map(|record| sequence_number(record)).collect();
    if failed.iter().any(|number| !numbers.contains(number)) {
        return 0;
    }
    numbers.iter().position(|number| failed.contains(number)).unwrap_or(batch.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::streams::DynamoDbBatchItemFailure;

    const RULES: BatchRules = BatchRules { batch_size: 3, max_retries: Some(2) };

    fn queue(numbers: &[&str]) -> ShardQueue {
        let mut queue = ShardQueue::default();
        for number in numbers {
            queue.push(json!({
                "awsRegion": "x", "eventID": number, "eventName": "INSERT",
                "dynamodb": {"SequenceNumber": number, "SizeBytes": 1}}));
        }
        queue
    }

    fn failing(numbers: &[&str]) -> Option<DynamoDbEventResponse> {
        let mut response = DynamoDbEventResponse::default();
        for number in numbers {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some((*number).to_owned());
            response.batch_item_failures.push(failure);
        }
        Some(response)
    }

    fn left(queue: &ShardQueue) -> Vec<&str> {
        queue.records.iter().map(sequence_number).collect()
    }

    #[tokio::test]
    async fn a_successful_batch_is_removed() {
        let mut queue = queue(&["1", "2", "3", "4"]);
        let given_up = queue
            .process_batch(RULES, async |event| {
                assert_eq!(event.records.len(), 3);
                failing(&[])
            })
            .await;
        assert_eq!((given_up, left(&queue)), (None, vec!["4"]));
        assert!(queue.is_ready());
    }

    #[tokio::test]
    async fn everything_from_the_lowest_failure_on_is_tried_again() {
        let mut queue = queue(&["1", "2", "3"]);
        queue.process_batch(RULES, async |_| failing(&["3", "2"])).await;
        assert_eq!(left(&queue), ["2", "3"]);
        assert!(!queue.is_ready() && queue.retry_at().is_some());
    }

    #[tokio::test]
    async fn an_unknown_number_or_no_response_fails_the_whole_batch() {
        for response in [failing(&["9"]), failing(&[""]), None] {
            let mut queue = queue(&["1", "2"]);
            queue.process_batch(RULES, async |_| response).await;
            assert_eq!(left(&queue), ["1", "2"]);
        }
    }

    #[tokio::test]
    async fn a_record_is_given_up_after_its_retries_and_the_next_goes_on() {
        let mut queue = queue(&["1", "2"]);
        let mut given_up = Vec::new();
        for _ in 0..3 {
            given_up.push(queue.process_batch(RULES, async |_| failing(&["1"])).await);
        }
        assert_eq!(given_up, [None, None, Some("1".to_owned())]);
        assert_eq!(left(&queue), ["2"]);
        assert!(queue.is_ready());
    }

    #[tokio::test]
    async fn without_a_limit_a_batch_is_retried_forever() {
        let mut queue = queue(&["1"]);
        let rules = BatchRules { max_retries: None, ..RULES };
        for _ in 0..100 {
            assert_eq!(queue.process_batch(rules, async |_| failing(&["1"])).await, None);
        }
        assert!(queue.retry_at().is_some());
    }
}

//! A part of the stream's records that is worked off in order, a batch at a time.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::event::sequence_number;

/// The wait before the first retry; doubles from there up to [`LONGEST_WAIT`]. Lambda waits longer,
/// and nobody watches.
const FIRST_WAIT: Duration = Duration::from_millis(50);

const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// All records of some items.
#[derive(Default)]
pub(super) struct Lane {
    records: VecDeque<Value>,
    /// How often the batch at the front has failed.
    failures: u32,
    not_before: Option<Instant>,
}

/// How a mapping works its lanes off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) batch_size: usize,
    /// `None`: a batch is tried until it succeeds.
    pub(super) most_retries: Option<u32>,
}

impl Lane {
    pub(super) fn push(&mut self, record: Value) {
        self.records.push_back(record);
    }

    /// Whether there is something to do right now.
    pub(super) fn is_ready(&self) -> bool {
        !self.records.is_empty() && self.not_before.is_none_or(|moment| moment <= Instant::now())
    }

    /// When a batch that failed is tried again.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        (!self.records.is_empty()).then_some(self.not_before).flatten()
    }

    /// Hands the batch at the front to the function; `None` from it says that it failed as a whole.
    /// Returns the number of a record that is given up.
    ///
    /// As in Lambda, everything from the lowest failed record on is tried again, whatever of it
    /// succeeded.
    pub(super) async fn work<F>(
        &mut self,
        rules: Rules,
        function: impl FnOnce(Event) -> F,
    ) -> Option<String>
    where
        F: Future<Output = Option<DynamoDbEventResponse>>,
    {
        let batch: Vec<&Value> = self.records.iter().take(rules.batch_size).collect();
        let length = batch.len();
        let done = match serde_json::from_value(json!({"Records": batch})) {
            Ok(event) => match function(event).await {
                Some(response) => succeeded(&batch, &response),
                None => 0,
            },
            Err(error) => {
                tracing::error!(cause = ?error, "a record of the stream makes no event");
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
        if rules.most_retries.is_some_and(|most| self.failures > most) {
            self.failures = 0;
            self.not_before = None;
            let given_up = self.records.pop_front()?;
            return Some(sequence_number(&given_up).to_owned());
        }
        let wait = FIRST_WAIT.saturating_mul(1 << (self.failures - 1).min(16));
        self.not_before = Some(Instant::now() + wait.min(LONGEST_WAIT));
        None
    }
}

/// How many records from the front of a batch need not be tried again.
fn succeeded(batch: &[&Value], response: &DynamoDbEventResponse) -> usize {
    let failed: HashSet<&str> = response
        .batch_item_failures
        .iter()
        .map(|failure| failure.item_identifier.as_deref().unwrap_or_default())
        .collect();
    if failed.is_empty() {
        return batch.len();
    }
    // A number that isn't in the batch means: all of it failed.
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

    const RULES: Rules = Rules { batch_size: 3, most_retries: Some(2) };

    fn lane(numbers: &[&str]) -> Lane {
        let mut lane = Lane::default();
        for number in numbers {
            lane.push(json!({
                "awsRegion": "x", "eventID": number, "eventName": "INSERT",
                "dynamodb": {"SequenceNumber": number, "SizeBytes": 1}}));
        }
        lane
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

    fn left(lane: &Lane) -> Vec<&str> {
        lane.records.iter().map(sequence_number).collect()
    }

    #[tokio::test]
    async fn a_batch_that_succeeds_is_gone() {
        let mut lane = lane(&["1", "2", "3", "4"]);
        let given_up = lane
            .work(RULES, async |event| {
                assert_eq!(event.records.len(), 3);
                failing(&[])
            })
            .await;
        assert_eq!((given_up, left(&lane)), (None, vec!["4"]));
        assert!(lane.is_ready());
    }

    #[tokio::test]
    async fn everything_from_the_lowest_failure_on_is_tried_again() {
        let mut lane = lane(&["1", "2", "3"]);
        lane.work(RULES, async |_| failing(&["3", "2"])).await;
        assert_eq!(left(&lane), ["2", "3"]);
        assert!(!lane.is_ready() && lane.retry_at().is_some());
    }

    #[tokio::test]
    async fn an_unknown_number_or_no_answer_fails_the_whole_batch() {
        for answer in [failing(&["9"]), failing(&[""]), None] {
            let mut lane = lane(&["1", "2"]);
            lane.work(RULES, async |_| answer).await;
            assert_eq!(left(&lane), ["1", "2"]);
        }
    }

    #[tokio::test]
    async fn a_record_is_given_up_after_its_retries_and_the_next_goes_on() {
        let mut lane = lane(&["1", "2"]);
        let mut given_up = Vec::new();
        for _ in 0..3 {
            given_up.push(lane.work(RULES, async |_| failing(&["1"])).await);
        }
        assert_eq!(given_up, [None, None, Some("1".to_owned())]);
        assert_eq!(left(&lane), ["2"]);
        assert!(lane.is_ready());
    }

    #[tokio::test]
    async fn without_a_limit_it_is_tried_for_ever() {
        let mut lane = lane(&["1"]);
        let rules = Rules { most_retries: None, ..RULES };
        for _ in 0..100 {
            assert_eq!(lane.work(rules, async |_| failing(&["1"])).await, None);
        }
        assert!(lane.retry_at().is_some());
    }
}

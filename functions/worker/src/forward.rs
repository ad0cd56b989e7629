//! Forwards the records of the table's stream: each record becomes a message of a queue.

use std::collections::BTreeSet;

use aws_lambda_events::event::dynamodb::{self, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{StreamExt, stream};
use shared::fifo_queue::{FifoQueue, QueueMessage, SEND_BATCH_SIZE};

use crate::Worker;
use crate::message::{Task, WorkerMessage};

/// Number of concurrent calls of SQS, for messages that need no order.
const SEND_CONCURRENCY: usize = 8;

/// A message to send, with the sequence number of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Forwarded {
    message: QueueMessage,
    is_code: bool,
    is_delivery: bool,
    sequence_number: Option<String>,
}

impl Worker {
    /// Forwards a batch of the table's stream. Returns the records that Lambda retries. SQS drops those that arrive
    /// a second time.
    ///
    /// Mail and Slack messages are sent in the order of the stream. The steps of jobs and the security events depend on
    /// no order, so a flood of them is sent at once and holds up the stream for a short time.
    pub async fn forward_batch(&self, batch: dynamodb::Event) -> DynamoDbEventResponse {
        let messages = batch.records.iter().filter_map(forwarded);
        let (deliveries, others): (Vec<_>, Vec<_>) = messages.partition(|sent| sent.is_delivery);
        let (codes, deliveries) = deliveries.into_iter().partition(|sent| sent.is_code);
        let queues = &self.clients.queues;
        // The codes come first, because users wait for them.
        let codes = send_in_order(&queues.codes, codes).await;
        let calls: Vec<_> = others.chunks(SEND_BATCH_SIZE).map(<[Forwarded]>::to_vec).collect();
        let calls = calls.into_iter().map(async |call| send(&queues.work, &call).await);
        let calls = stream::iter(calls).buffer_unordered(SEND_CONCURRENCY).collect::<Vec<_>>();
        let (deliveries, others) = tokio::join!(send_in_order(&queues.work, deliveries), calls);
        let failed = codes.into_iter().chain(deliveries).chain(others.into_iter().flatten());
        let failed = failed.map(|sequence_number| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = sequence_number;
            failure
        });
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = failed.collect();
        response
    }
}

/// Returns the message of a record; `None` if it triggers no work.
fn forwarded(record: &EventRecord) -> Option<Forwarded> {
    let message = WorkerMessage::from_record(record)?;
    let (group, is_code) = (message.group(), message.is_code());
    let is_delivery = message.task == Task::Deliver;
    // This cannot fail: the message has no map with keys other than texts.
    let body = serde_json::to_string(&message).ok()?;
    let deduplication_id = record.event_id.clone();
    Some(Forwarded {
        message: QueueMessage { group, deduplication_id, body },
        is_code,
        is_delivery,
        sequence_number: message.sequence_number,
    })
}

/// Sends messages, those of one group one after the other. Returns the sequence numbers of those that were not sent.
async fn send_in_order(queue: &FifoQueue, mut left: Vec<Forwarded>) -> Vec<Option<String>> {
    while !left.is_empty() {
        let (call, later) = next_call(left);
        let refused = send(queue, &call).await;
        if !refused.is_empty() {
            let later = later.into_iter().map(|forwarded| forwarded.sequence_number);
            return refused.into_iter().chain(later).collect();
        }
        left = later;
    }
    Vec::new()
}

/// Sends the messages of one call. Returns the sequence numbers of those that were not sent.
async fn send(queue: &FifoQueue, call: &[Forwarded]) -> Vec<Option<String>> {
    let messages: Vec<_> = call.iter().map(|forwarded| &forwarded.message).collect();
    let refused = queue.send(&messages).await.unwrap_or_else(|error| {
        let records: Vec<_> = messages.iter().map(|message| &message.deduplication_id).collect();
        tracing::error!(cause = ?error, ?records, "messages were not sent");
        (0..call.len()).collect()
    });
    refused.into_iter().map(|position| call[position].sequence_number.clone()).collect()
}

/// Takes the messages of one call, each of another group: if SQS refuses one of a call, those that it accepts must
/// not overtake it.
fn next_call(messages: Vec<Forwarded>) -> (Vec<Forwarded>, Vec<Forwarded>) {
    let mut groups = BTreeSet::new();
    let (mut call, mut later) = (Vec::new(), Vec::new());
    for forwarded in messages {
        let is_first = groups.insert(forwarded.message.group.clone());
        if is_first && call.len() < SEND_BATCH_SIZE {
            call.push(forwarded);
        } else {
            later.push(forwarded);
        }
    }
    (call, later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_one_message_of_each_group_in_order() {
        let message = |group: &str, number: usize| Forwarded {
            message: QueueMessage {
                group: group.to_owned(),
                deduplication_id: number.to_string(),
                body: String::new(),
            },
            is_code: false,
            is_delivery: true,
            sequence_number: None,
        };
        let groups = ["a", "b", "a", "c", "b", "a"];
        let mut left: Vec<_> =
            groups.iter().enumerate().map(|(number, group)| message(group, number)).collect();
        let mut calls: Vec<Vec<String>> = Vec::new();
        while !left.is_empty() {
            let (call, later) = next_call(left);
            calls.push(call.iter().map(|sent| sent.message.deduplication_id.clone()).collect());
            left = later;
        }
        assert_eq!(calls, [vec!["0", "1", "3"], vec!["2", "4"], vec!["5"]]);
        let many = (0..25).map(|number| message(&number.to_string(), number)).collect();
        let (call, later) = next_call(many);
        assert_eq!((call.len(), later.len()), (SEND_BATCH_SIZE, 15));
    }
}

//! SQS: the worker's queues, and both queues of dead letters. The worker's own messages join the stream records that
//! were given up, because Lambda sends both to one queue.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use shared::random::{Random, SystemRandom};

use crate::queue::{OutgoingMessage, Queues};
use crate::stream::{DeadLetter, DeadLetters};

/// The URL of the queue of what the stream's reader could not forward, and of rows that the worker cannot read. As that
/// of every queue, it ends with the name in the template. Nothing answers there, because the SDK sends every call to
/// the endpoint of SQS.
pub(crate) const DEAD_LETTER_QUEUE_URL: &str =
    "https://sqs.us-east-1.amazonaws.com/000000000000/WorkerDeadLetters";

/// The URL of the queue of messages that were received too often.
pub(crate) const WORK_DEAD_LETTERS_URL: &str =
    "https://sqs.us-east-1.amazonaws.com/000000000000/WorkDeadLetters.fifo";

/// The most messages that one call returns.
const MAX_RECEIVED: u64 = 10;

/// The beginning of the `x-amz-target` of an operation.
pub(super) const TARGET_PREFIX: &str = "AmazonSQS.";

/// The embedded SQS, which answers the calls of the SDK.
#[derive(Clone)]
pub(crate) struct Sqs {
    pub(crate) dead_letters: Arc<DeadLetters>,
    pub(crate) queues: Queues,
}

impl Sqs {
    /// Answers a call of the operation.
    pub(super) fn handle(&self, operation: &str, body: &[u8]) -> Response {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let answer = match operation {
            "SendMessage" => record_dead_letter(&self.dead_letters, &request).map(|()| {
                let random: &dyn Random = &SystemRandom;
                json!({"MessageId": random.identifier()})
            }),
            "SendMessageBatch" => self.send_batch(&request),
            "ChangeMessageVisibility" => self.change_visibility(&request),
            "ReceiveMessage" => self.receive(&request),
            "DeleteMessage" => self.delete(&request),
            _ => None,
        };
        match answer {
            Some(answer) => json_response(StatusCode::OK, answer),
            None => {
                let error_type = "com.amazonaws.sqs#QueueDoesNotExist";
                json_response(StatusCode::BAD_REQUEST, json!({"__type": error_type}))
            }
        }
    }

    fn send_batch(&self, request: &Value) -> Option<Value> {
        let queue = self.queues.find_by_url(request["QueueUrl"].as_str()?)?;
        let mut successful = Vec::new();
        for entry in request["Entries"].as_array()? {
            queue.send(&OutgoingMessage {
                group: entry["MessageGroupId"].as_str()?,
                deduplication_id: entry["MessageDeduplicationId"].as_str()?,
                body: entry["MessageBody"].as_str()?,
            });
            // The SDK does not compare the hash.
            let id = &entry["Id"];
            successful.push(json!({"Id": id, "MessageId": id, "MD5OfMessageBody": ""}));
        }
        Some(json!({"Successful": successful, "Failed": []}))
    }

    /// Receives messages of a dead-letter queue. Only the worker receives those of the other queues.
    fn receive(&self, request: &Value) -> Option<Value> {
        let queue = dead_letter_queue(request)?;
        let max = request["MaxNumberOfMessages"].as_u64().unwrap_or(1).min(MAX_RECEIVED);
        let received = self.dead_letters.receive(queue, usize::try_from(max).ok()?);
        let messages = received.into_iter().map(|DeadLetter { group, body, receipt, .. }| {
            let attributes = group.map(|group| json!({"MessageGroupId": group}));
            json!({"MessageId": receipt, "ReceiptHandle": receipt, "Body": body, "Attributes": attributes})
        });
        Some(json!({"Messages": messages.collect::<Vec<_>>()}))
    }

    fn delete(&self, request: &Value) -> Option<Value> {
        dead_letter_queue(request)?;
        self.dead_letters.delete(request["ReceiptHandle"].as_str()?);
        Some(json!({}))
    }

    fn change_visibility(&self, request: &Value) -> Option<Value> {
        if dead_letter_queue(request).is_some() {
            return self.dead_letters.show(request["ReceiptHandle"].as_str()?).then(|| json!({}));
        }
        let queue = self.queues.find_by_url(request["QueueUrl"].as_str()?)?;
        let timeout = Duration::from_secs(request["VisibilityTimeout"].as_u64()?);
        queue.change_visibility(request["ReceiptHandle"].as_str()?, timeout).then(|| json!({}))
    }
}

/// Records the sequence number of a message. Returns `None` if the queue or the message is unknown.
fn record_dead_letter(dead_letters: &DeadLetters, request: &Value) -> Option<()> {
    let queue = dead_letter_queue(request)?;
    let body = request["MessageBody"].as_str()?.to_owned();
    let message: Value = serde_json::from_str(&body).ok()?;
    let number = message["DDBStreamBatchInfo"]["startSequenceNumber"].as_str();
    let group = request["MessageGroupId"].as_str().map(str::to_owned);
    let letter = DeadLetter { queue: queue.to_owned(), group, body, receipt: None };
    dead_letters.add_message(number.unwrap_or("unknown"), letter);
    Some(())
}

/// Returns the name of the dead-letter queue of a call in the template.
fn dead_letter_queue(request: &Value) -> Option<&str> {
    let url = request["QueueUrl"].as_str()?;
    let is_known = [DEAD_LETTER_QUEUE_URL, WORK_DEAD_LETTERS_URL].contains(&url);
    let name = url.rsplit('/').next().filter(|_| is_known)?;
    Some(name.strip_suffix(".fifo").unwrap_or(name))
}

fn json_response(status: StatusCode, body: Value) -> Response {
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_dead_letter_is_recorded_with_its_sequence_number() {
        let letters = Arc::new(DeadLetters::new(Arc::new(|_| {})));
        let queues = Queues::new(&BTreeMap::new(), &letters);
        let sqs = Sqs { dead_letters: letters.clone(), queues };
        let send = |url: &str, body: &str| {
            let request = json!({"QueueUrl": url, "MessageBody": body}).to_string();
            sqs.handle("SendMessage", request.as_bytes()).status().as_u16()
        };
        let body = json!({"DDBStreamBatchInfo": {"startSequenceNumber": "7"}}).to_string();
        assert_eq!(send(DEAD_LETTER_QUEUE_URL, &body), 200);
        assert_eq!(send("https://sqs.us-east-1.amazonaws.com/1/other", &body), 400);
        assert_eq!(letters.all(), ["7"]);
    }
}

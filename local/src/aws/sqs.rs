//! SQS: the worker's dead-letter queue. Its messages join the stream records that were given up, because
//! Lambda sends both to one queue.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use shared::random::{Random, SystemRandom};

use crate::stream::DeadLetters;

/// The URL of the queue. Nothing answers there, because the SDK sends every call to the endpoint of SQS.
pub(crate) const DEAD_LETTER_QUEUE_URL: &str =
    "https://sqs.us-east-1.amazonaws.com/000000000000/dead-letters";

/// The `x-amz-target` of the supported operation.
pub(super) const TARGET: &str = "AmazonSQS.SendMessage";

pub(super) fn handle(dead_letters: &Arc<DeadLetters>, body: &[u8]) -> Response {
    match record_dead_letter(dead_letters, body) {
        Some(()) => {
            let random: &dyn Random = &SystemRandom;
            json_response(StatusCode::OK, json!({"MessageId": random.identifier()}))
        }
        None => {
            let error_type = "com.amazonaws.sqs#QueueDoesNotExist";
            json_response(StatusCode::BAD_REQUEST, json!({"__type": error_type}))
        }
    }
}

/// Records the sequence number of a message. Returns `None` if the queue or the message is unknown.
fn record_dead_letter(dead_letters: &DeadLetters, body: &[u8]) -> Option<()> {
    let request: Value = serde_json::from_slice(body).ok()?;
    if request["QueueUrl"] != DEAD_LETTER_QUEUE_URL {
        return None;
    }
    let message: Value = serde_json::from_str(request["MessageBody"].as_str()?).ok()?;
    let number = message["DDBStreamBatchInfo"]["startSequenceNumber"].as_str();
    dead_letters.add(number.unwrap_or("unknown"));
    Some(())
}

fn json_response(status: StatusCode, body: Value) -> Response {
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_is_recorded_with_its_sequence_number() {
        let letters = Arc::new(DeadLetters::new(Arc::new(|_| {})));
        let send = |url: &str, body: &str| {
            let request = json!({"QueueUrl": url, "MessageBody": body}).to_string();
            handle(&letters, request.as_bytes()).status().as_u16()
        };
        let body = json!({"DDBStreamBatchInfo": {"startSequenceNumber": "7"}}).to_string();
        assert_eq!(send(DEAD_LETTER_QUEUE_URL, &body), 200);
        assert_eq!(send("https://sqs.us-east-1.amazonaws.com/1/other", &body), 400);
        assert_eq!(letters.all(), ["7"]);
    }
}

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
pub(crate) const DEAD_LETTERS_URL: &str =
    "https://sqs.us-east-1.amazonaws.com/000000000000/dead-letters";

/// The `x-amz-target` of the supported operation.
pub(super) const TARGET: &str = "AmazonSQS.SendMessage";

pub(super) fn handle(dead_letters: &Arc<DeadLetters>, body: &[u8]) -> Response {
    match take(dead_letters, body) {
        Some(()) => {
            let random: &dyn Random = &SystemRandom;
            reply(StatusCode::OK, json!({"MessageId": random.identifier()}))
        }
        None => {
            let kind = "com.amazonaws.sqs#QueueDoesNotExist";
            reply(StatusCode::BAD_REQUEST, json!({"__type": kind}))
        }
    }
}

fn take(dead_letters: &DeadLetters, body: &[u8]) -> Option<()> {
    let request: Value = serde_json::from_slice(body).ok()?;
    if request["QueueUrl"] != DEAD_LETTERS_URL {
        return None;
    }
    let message: Value = serde_json::from_str(request["MessageBody"].as_str()?).ok()?;
    let number = message["DDBStreamBatchInfo"]["startSequenceNumber"].as_str();
    dead_letters.add(number.unwrap_or("unknown"));
    Some(())
}

fn reply(status: StatusCode, body: Value) -> Response {
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_kept_by_its_records_number() {
        let letters = Arc::new(DeadLetters::new(Arc::new(|_| {})));
        let send = |url: &str, body: &str| {
            let request = json!({"QueueUrl": url, "MessageBody": body}).to_string();
            handle(&letters, request.as_bytes()).status().as_u16()
        };
        let body = json!({"DDBStreamBatchInfo": {"startSequenceNumber": "7"}}).to_string();
        assert_eq!(send(DEAD_LETTERS_URL, &body), 200);
        assert_eq!(send("https://sqs.us-east-1.amazonaws.com/1/other", &body), 400);
        assert_eq!(letters.all(), ["7"]);
    }
}

//! The events and responses of the function.

use aws_lambda_events::event::dynamodb;
use aws_lambda_events::streams::DynamoDbEventResponse;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::mail_event::{MAIL_EVENT_SOURCE, MailEvent};
use crate::queue_event::{QueueEvent, QueueResponse};

/// An event that invokes the function.
#[derive(Debug)]
pub enum Event {
    /// A batch of records of the table's stream.
    Stream(dynamodb::Event),
    /// A batch of messages of a queue.
    Queue(QueueEvent),
    /// An event of SES about a mail.
    Mail(MailEvent),
    /// An invocation by a schedule.
    Schedule(Schedule),
}

/// A schedule of `template.yaml`. Its `Input` there is the event: `{"schedule":"daily"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Erases due accounts once a day, at no fixed hour.
    Daily,
    /// Drains jobs, removes abandoned uploads, warns of expiring tokens and begins to sweep deleted organizations
    /// once an hour.
    Hourly,
    /// Reconciles billing once a day.
    Billing,
}

/// The response of the function.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// The records of the batch to retry.
    Stream(DynamoDbEventResponse),
    /// The messages of the batch to retry.
    Queue(QueueResponse),
    /// `null`, because nothing reads the response to a schedule or to an event of SES.
    Done,
}

impl<'de> Deserialize<'de> for Event {
    /// Hand-written, so that an error says what is wrong with the event. The error of serde's untagged
    /// enums only says that no variant matches.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut event = Map::deserialize(deserializer)?;
        let read = match event.remove("schedule") {
            Some(schedule) => serde_json::from_value(schedule).map(Self::Schedule),
            None if event.get("Records").is_some_and(is_of_queue) => {
                serde_json::from_value(Value::Object(event)).map(Self::Queue)
            }
            None if event.get("source").is_some_and(|source| source == MAIL_EVENT_SOURCE) => {
                serde_json::from_value(Value::Object(event)).map(Self::Mail)
            }
            None => serde_json::from_value(Value::Object(event)).map(Self::Stream),
        };
        read.map_err(D::Error::custom)
    }
}

/// Returns whether records are messages of a queue. A batch has records of one source.
fn is_of_queue(records: &Value) -> bool {
    records[0]["eventSource"] == "aws:sqs"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(event: Value) -> Result<Event, String> {
        serde_json::from_value(event).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_a_schedule_and_a_batch() {
        let daily = read(json!({"schedule": "daily"})).unwrap();
        assert!(matches!(daily, Event::Schedule(Schedule::Daily)));
        let batch = read(json!({"Records": []})).unwrap();
        assert!(matches!(batch, Event::Stream(event) if event.records.is_empty()));
    }

    #[test]
    fn reads_a_batch_of_a_queue() {
        let attributes = json!({"MessageGroupId": "MAIL#x", "ApproximateReceiveCount": "2",
            "SentTimestamp": "1", "MessageDeduplicationId": "d"});
        let record = json!({"messageId": "m", "receiptHandle": "r", "body": "{}",
            "attributes": attributes, "messageAttributes": {}, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:1:work.fifo", "awsRegion": "us-east-1"});
        let Event::Queue(event) = read(json!({"Records": [record]})).unwrap() else { panic!() };
        assert_eq!(event.records[0].attributes.message_group_id, "MAIL#x");
        assert_eq!(json!(QueueResponse::default()), json!({"batchItemFailures": []}));
    }

    #[test]
    fn rejects_other_events_with_a_reason() {
        let yearly = read(json!({"schedule": "yearly"})).unwrap_err();
        assert!(yearly.contains("yearly"), "{yearly}");
        let other = read(json!({"detail-type": "Scheduled Event"})).unwrap_err();
        assert!(other.contains("Records"), "{other}");
        assert!(read(json!([])).is_err());
    }

    #[test]
    fn responds_to_a_schedule_with_null() {
        assert_eq!(json!(Response::Done), Value::Null);
        let batch = json!(Response::Stream(DynamoDbEventResponse::default()));
        assert_eq!(batch, json!({"batchItemFailures": []}));
    }
}

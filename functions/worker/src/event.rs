//! What the function is invoked with, and what it answers.

use aws_lambda_events::event::dynamodb;
use aws_lambda_events::streams::DynamoDbEventResponse;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// What the function is invoked with.
#[derive(Debug)]
pub enum Event {
    /// Records of the table's stream.
    Stream(dynamodb::Event),
    /// A moment of a schedule.
    Schedule(Schedule),
}

/// A schedule of the template. The event is its `CallerBody` there: `{"schedule":"daily"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Once a day, at no certain hour.
    Daily,
    /// Once an hour.
    Hourly,
    /// Once a day: what has to do with money.
    Books,
}

/// What the function answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Which records to try again.
    Stream(DynamoDbEventResponse),
    /// `null`: nobody reads what a schedule's invocation answers.
    Done,
}

impl<'de> Deserialize<'de> for Event {
    /// By hand, so that an error says what is wrong with the event, and not that it is of no kind.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut event = Map::deserialize(deserializer)?;
        let read = match event.remove("schedule") {
            Some(schedule) => serde_json::from_value(schedule).map(Self::Schedule),
            None => serde_json::from_value(Value::Object(event)).map(Self::Stream),
        };
        read.map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(event: Value) -> Result<Event, String> {
        serde_json::from_value(event).map_err(|error| error.to_string())
    }

    #[test]
    fn a_schedule_and_a_batch_are_told_apart() {
        let daily = read(json!({"schedule": "daily"})).unwrap();
        assert!(matches!(daily, Event::Schedule(Schedule::Daily)));
        let batch = read(json!({"Records": []})).unwrap();
        assert!(matches!(batch, Event::Stream(event) if event.records.is_empty()));
    }

    #[test]
    fn what_is_neither_is_refused_with_a_reason() {
        let yearly = read(json!({"schedule": "yearly"})).unwrap_err();
        assert!(yearly.contains("yearly"), "{yearly}");
        let other = read(json!({"detail-type": "Scheduled Event"})).unwrap_err();
        assert!(other.contains("Records"), "{other}");
        assert!(read(json!([])).is_err());
    }

    #[test]
    fn a_schedule_is_answered_with_null() {
        assert_eq!(json!(Answer::Done), Value::Null);
        let batch = json!(Answer::Stream(DynamoDbEventResponse::default()));
        assert_eq!(batch, json!({"batchItemFailures": []}));
    }
}

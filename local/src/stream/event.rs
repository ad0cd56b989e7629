//! Converts stream records to the events that Lambda passes to a function.
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>

use std::collections::HashMap;

use aws_sdk_dynamodbstreams::types::{AttributeValue, Record};
use serde_dynamo::Item;
use serde_json::{Map, Value, json};

use crate::aws::REGION;

/// Converts a record of the engine into one of Lambda's events.
pub(super) fn to_lambda_record(record: Record, stream_arn: &str) -> Value {
    let mut event = json!({
        "eventID": record.event_id,
        "eventName": record.event_name.map(|name| name.as_str().to_owned()),
        "eventVersion": record.event_version,
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "eventSourceARN": stream_arn,
    });
    if let Some(identity) = record.user_identity {
        event["userIdentity"] =
            json!({"type": identity.r#type, "principalId": identity.principal_id});
    }
    if let Some(change) = record.dynamodb {
        let mut fields = Map::from_iter([
            (
                "ApproximateCreationDateTime".to_owned(),
                json!(change.approximate_creation_date_time.map(|at| at.secs())),
            ),
            ("SequenceNumber".to_owned(), json!(change.sequence_number)),
            ("SizeBytes".to_owned(), json!(change.size_bytes)),
            (
                "StreamViewType".to_owned(),
                json!(change.stream_view_type.map(|view| view.as_str().to_owned())),
            ),
        ]);
        let images =
            [("Keys", change.keys), ("NewImage", change.new_image), ("OldImage", change.old_image)];
        for (name, image) in images {
            if let Some(image) = image {
                fields.insert(name.to_owned(), item_json(image));
            }
        }
        event["dynamodb"] = fields.into();
    }
    event
}

/// Returns the sequence number of a record.
pub(super) fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

fn item_json(image: HashMap<String, AttributeValue>) -> Value {
    // This cannot fail: numbers are texts and bytes are Base64.
    serde_json::to_value(Item::from(image)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::event::dynamodb::Event;
    use aws_sdk_dynamodbstreams::primitives::{Blob, DateTime};
    use aws_sdk_dynamodbstreams::types::{OperationType, StreamRecord, StreamViewType};

    #[test]
    fn a_record_has_the_format_of_lambda() {
        let change = StreamRecord::builder()
            .approximate_creation_date_time(DateTime::from_secs(1_773_342_238))
            .keys("pk", AttributeValue::S("MAIL#m".to_owned()))
            .new_image("n", AttributeValue::N("1.50".to_owned()))
            .new_image("b", AttributeValue::B(Blob::new([0, 255])))
            .sequence_number("4421584500000000017450439091")
            .size_bytes(26)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build();
        let event = Record::builder()
            .event_id("e")
            .event_name(OperationType::Insert)
            .event_version("1.1")
            .dynamodb(change)
            .build();
        let record = to_lambda_record(event, "arn:x");
        assert_eq!(
            record,
            json!({
                "eventID": "e",
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1",
                "eventSourceARN": "arn:x",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_773_342_238,
                    "Keys": {"pk": {"S": "MAIL#m"}},
                    "NewImage": {"n": {"N": "1.50"}, "b": {"B": "AP8="}},
                    "SequenceNumber": "4421584500000000017450439091",
                    "SizeBytes": 26,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            })
        );
        assert_eq!(sequence_number(&record), "4421584500000000017450439091");
        serde_json::from_value::<Event>(json!({"Records": [record]})).unwrap();
    }
}

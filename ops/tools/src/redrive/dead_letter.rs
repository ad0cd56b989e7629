//! Parses the messages of the dead-letter queues.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use shared::dynamo::Key;
use worker::WorkerMessage;

/// A message of a dead-letter queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DeadLetter {
    /// A message of a queue that failed too often, with its text.
    Message(Box<WorkerMessage>, String),
    /// A row that the worker could not read, or not deliver in time.
    Row(Key),
    /// An object with records of the stream that could not be forwarded.
    StreamBatch {
        /// The name of the bucket that holds the object.
        bucket: String,
        /// The key of the object in the bucket.
        key: String,
    },
    /// The test message that S3 sends when its notifications are configured.
    S3Test,
    /// A message in a form that the worker does not know.
    Unknown,
}

impl DeadLetter {
    /// Parses the text of a message.
    pub(super) fn parse(body: &str) -> Self {
        let Ok(json) = serde_json::from_str::<Value>(body) else { return Self::Unknown };
        if let Ok(message) = serde_json::from_value(json.clone()) {
            return Self::Message(Box::new(message), body.to_owned());
        }
        if json["Event"] == "s3:TestEvent" {
            return Self::S3Test;
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let object = &json["Records"][0]["s3"];
        if let (Some(bucket), Some(key)) =
            (text(&object["bucket"]["name"]), text(&object["object"]["key"]))
        {
            // S3 encodes the key as a form does.
            let key = key.replace('+', " ");
            let key = percent_decode_str(&key).decode_utf8_lossy().into_owned();
            return Self::StreamBatch { bucket, key };
        }
        match (text(&json["row"]["pk"]), text(&json["row"]["sk"])) {
            (Some(pk), Some(sk)) => Self::Row(Key::new(pk, sk)),
            _ => Self::Unknown,
        }
    }

    /// Returns the row, if the dead letter names one.
    pub(super) fn row(&self) -> Option<&Key> {
        match self {
            Self::Row(key) => Some(key),
            Self::Message(..) | Self::StreamBatch { .. } | Self::S3Test | Self::Unknown => None,
        }
    }

    /// Returns the kind, by which operators choose dead letters (`--kind`).
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Message(message, _) => kind_of_row(&message.key().pk),
            Self::Row(key) => kind_of_row(&key.pk),
            Self::StreamBatch { .. } => "stream-batch",
            Self::S3Test => "s3-test",
            Self::Unknown => "unknown",
        }
    }
}

/// The kinds that an operator can choose.
pub(super) const KINDS: [&str; 6] =
    ["code-mail", "mail", "slack", "job", "security-event", "stream-batch"];

fn kind_of_row(pk: &str) -> &'static str {
    use shared::keys;
    let kinds = [
        (keys::QUEUED_CODE_MAILS, "code-mail"),
        (keys::QUEUED_MAILS, "mail"),
        (keys::QUEUED_SLACK_MESSAGES, "slack"),
        (keys::JOBS, "job"),
        (keys::USER_AUDIT_EVENTS, "security-event"),
    ];
    kinds.iter().find(|(prefix, _)| pk.starts_with(prefix)).map_or("unknown", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_dead_letter_is_known() {
        let message = r#"{"pk":"MAIL#x","sk":"1#m","sequence_number":"7","task":"deliver"}"#;
        let letter = DeadLetter::parse(message);
        assert!(matches!(&letter, DeadLetter::Message(_, body) if body == message), "{letter:?}");
        assert_eq!(letter.kind(), "mail");

        let row = r#"{"requestContext":{"condition":"Unreadable"},"DDBStreamBatchInfo":{"batchSize":1},
            "row":{"pk":"SLACK#x","sk":"1#n"}}"#;
        assert_eq!(DeadLetter::parse(row), DeadLetter::Row(Key::new("SLACK#x", "1#n")));
        assert_eq!(DeadLetter::parse(row).kind(), "slack");

        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
        let notification = r#"{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put",
            "s3":{"bucket":{"name":"failures"},"object":{"key":"aws/lambda/a%3Ab/2026+1","size":1}}}]}"#;
        let (bucket, key) = ("failures".to_owned(), "aws/lambda/a:b/2026 1".to_owned());
        assert_eq!(DeadLetter::parse(notification), DeadLetter::StreamBatch { bucket, key });

        let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"failures"}"#;
        assert_eq!(DeadLetter::parse(test), DeadLetter::S3Test);
        for other in ["", "[]", "{}", r#"{"row":{"pk":1}}"#, r#"{"Records":[]}"#] {
            assert_eq!(DeadLetter::parse(other), DeadLetter::Unknown, "{other}");
        }
    }

    #[test]
    fn rows_have_the_kinds_that_can_be_chosen() {
        let rows = ["CODE-MAIL#x", "MAIL#x", "SLACK#x", "WORK#00", "ACTIVITY#USER#usr_x#202601"];
        let kinds: Vec<_> = rows.iter().map(|pk| kind_of_row(pk)).collect();
        assert_eq!(kinds, KINDS[..5]);
        assert_eq!(kind_of_row("USER#x"), "unknown");
    }
}

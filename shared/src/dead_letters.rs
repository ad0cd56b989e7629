//! The dead-letter queue: deliveries that the worker gave up. Lambda puts its own failures into the same queue.

use std::time::Duration;

use aws_config::SdkConfig;
use serde::Serialize;
use serde_json::json;

use crate::aws::{LazyClient, describe_failure};
use crate::dynamo::Key;
use crate::error::{Error, Result};

/// Time that a dead letter can be looked into: the most that SQS keeps a message (`MessageRetentionPeriod` in
/// `template.yaml`). The rows of mail and Slack messages are kept for the same time after they expire.
pub(crate) const RETENTION: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Why the worker gave up a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum DeadLetterReason {
    /// The row cannot be decrypted or parsed.
    Unreadable,
    /// The recipient's service failed for longer than others can wait.
    Overdue,
}

/// Client of the dead-letter queue.
#[derive(Clone, Debug)]
pub struct DeadLetterQueue {
    client: LazyClient<aws_sdk_sqs::Client>,
    url: String,
}

impl DeadLetterQueue {
    /// Creates a client of the queue at `url`.
    pub fn new(sdk: &SdkConfig, url: String) -> Self {
        Self { client: LazyClient::new(sdk, aws_sdk_sqs::Client::new), url }
    }

    /// Reports a row that is not delivered, and the reason. The message has the form of Lambda's own messages, and
    /// adds the key of the row. `sequence_number` is that of the stream record that named the row.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if SQS does not accept the message.
    pub async fn put(
        &self,
        row: &Key,
        sequence_number: Option<&str>,
        reason: DeadLetterReason,
    ) -> Result<()> {
        let body = json!({
            "requestContext": {"condition": reason},
            "DDBStreamBatchInfo": {
                "startSequenceNumber": sequence_number,
                "endSequenceNumber": sequence_number,
                "batchSize": 1,
            },
            "row": {"pk": row.pk, "sk": row.sk},
        });
        let put =
            self.client.get().send_message().queue_url(&self.url).message_body(body.to_string());
        let put = put.send().await;
        put.map_err(|error| Error::Unavailable(describe_failure("SQS", &error).into()))?;
        Ok(())
    }
}

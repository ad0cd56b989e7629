//! What will never be sent, told to the queue that Lambda too puts into what it gives up.

use aws_config::SdkConfig;
use serde_json::json;

use crate::aws::describe_failure;
use crate::dynamo::Key;
use crate::error::{Error, Result};

/// The queue.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl DeadLetters {
    /// The queue with that URL.
    pub fn new(sdk: &SdkConfig, url: String) -> Self {
        Self { client: aws_sdk_sqs::Client::new(sdk), url }
    }

    /// Puts in that the row, of which a record of the stream tells, can't be read. In the form of Lambda's
    /// own messages, and with the row's key, which theirs don't have.
    pub async fn put(&self, row: &Key, sequence_number: Option<&str>) -> Result<()> {
        let body = json!({
            "requestContext": {"condition": "Unreadable"},
            "DDBStreamBatchInfo": {
                "startSequenceNumber": sequence_number,
                "endSequenceNumber": sequence_number,
                "batchSize": 1,
            },
            "row": {"pk": row.pk, "sk": row.sk},
        });
        let put = self.client.send_message().queue_url(&self.url).message_body(body.to_string());
        let put = put.send().await;
        put.map_err(|error| Error::Unavailable(describe_failure("SQS", &error).into()))?;
        Ok(())
    }
}

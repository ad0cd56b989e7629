//! A client of a FIFO queue of SQS. Messages of one group arrive in order, one at a time; groups do not wait for each
//! other.

use std::collections::HashSet;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use crate::aws::{LazyClient, describe_failure};
use crate::error::{Error, Result};

/// The most messages that one call of SQS takes.
pub const SEND_BATCH_SIZE: usize = 10;

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// The group, at most 128 characters.
    pub group: String,
    /// SQS drops a message with the same id as one of the last five minutes. At most 128 characters.
    pub deduplication_id: String,
    /// The text of the message.
    pub body: String,
}

/// Client of a FIFO queue.
#[derive(Clone, Debug)]
pub struct FifoQueue {
    client: LazyClient<aws_sdk_sqs::Client>,
    url: String,
}

impl FifoQueue {
    /// Creates a client of the queue at `url`.
    pub fn new(sdk: &SdkConfig, url: String) -> Self {
        Self { client: LazyClient::new(sdk, aws_sdk_sqs::Client::new), url }
    }

    /// Returns the name of the queue, with which its URL and its ARN end.
    pub fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }

    /// Sends up to [`SEND_BATCH_SIZE`] messages. Returns the positions of those that SQS refused.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if SQS does not accept the call.
    pub async fn send(&self, messages: &[&QueueMessage]) -> Result<HashSet<usize>> {
        let entries = messages.iter().enumerate().map(|(position, message)| {
            SendMessageBatchRequestEntry::builder()
                .id(position.to_string())
                .message_group_id(&message.group)
                .message_deduplication_id(&message.deduplication_id)
                .message_body(&message.body)
                .build()
                .map_err(Error::internal)
        });
        let entries = entries.collect::<Result<_>>()?;
        let send = self.client.get().send_message_batch().queue_url(&self.url);
        let sent = send.set_entries(Some(entries)).send().await;
        let sent =
            sent.map_err(|error| Error::Unavailable(describe_failure("SQS", &error).into()))?;
        for failed in sent.failed() {
            tracing::error!(code = failed.code(), "SQS refused a message");
        }
        Ok(sent.failed().iter().filter_map(|failed| failed.id().parse().ok()).collect())
    }

    /// Makes a received message visible again after `delay`, whole seconds. Without it a message that was not
    /// processed stays hidden for the queue's visibility timeout.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if SQS does not accept the call.
    pub async fn retry_after(&self, receipt: &str, delay: Duration) -> Result<()> {
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        let change = self.client.get().change_message_visibility().queue_url(&self.url);
        let change = change.receipt_handle(receipt).visibility_timeout(seconds).send().await;
        change.map_err(|error| Error::Unavailable(describe_failure("SQS", &error).into()))?;
        Ok(())
    }
}

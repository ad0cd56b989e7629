//! A batch of messages of a queue, and the response to it, as Lambda passes them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use serde::{Deserialize, Serialize};

/// A batch of messages of one queue.
#[derive(Debug, Deserialize)]
pub struct QueueEvent {
    /// The messages, in the order of their groups.
    #[serde(rename = "Records")]
    pub records: Vec<QueueRecord>,
}

/// A message that SQS hands to the function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueRecord {
    /// The id, by which the response names the message.
    pub message_id: String,
    /// The handle of this receipt of the message.
    pub receipt_handle: String,
    /// The body of the message, as the sender wrote it.
    pub body: String,
    /// The attributes that SQS sets.
    pub attributes: QueueAttributes,
    /// The ARN of the queue.
    #[serde(rename = "eventSourceARN")]
    pub event_source_arn: String,
}

/// The attributes of a message that SQS sets.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueAttributes {
    /// The group, within which SQS delivers messages in order.
    pub message_group_id: String,
    /// How often the message was received, as a text.
    pub approximate_receive_count: String,
}

/// The messages of a batch to retry.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueResponse {
    /// The messages. SQS deletes the others.
    pub batch_item_failures: Vec<QueueItemFailure>,
}

/// A message to retry.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueItemFailure {
    /// The id of the message.
    pub item_identifier: String,
}

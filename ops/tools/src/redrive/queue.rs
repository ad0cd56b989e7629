//! The client of a dead-letter queue.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use shared::error::{Error, Result};

/// How long a received message stays hidden, unless it is made visible again. If a run stops before it deletes a dead
/// letter, the next run sends its work again. This is shorter than the five minutes in which SQS drops such a
/// repetition.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html>
const VISIBILITY_SECONDS: i32 = 240;

/// The most messages that SQS returns at once.
const MAX_MESSAGES: i32 = 10;

/// How long a call waits for messages, in seconds. SQS then asks all of its servers, and not only some.
const WAIT_SECONDS: i32 = 1;

/// Client of a dead-letter queue.
pub(super) struct DeadLetterQueue<'c> {
    client: &'c Client,
    url: String,
}

/// A received message, which is hidden from others.
pub(super) struct ReceivedMessage {
    pub(super) id: String,
    pub(super) receipt: String,
    /// The group, in a FIFO queue.
    pub(super) group: Option<String>,
    pub(super) body: String,
}

impl<'c> DeadLetterQueue<'c> {
    /// Makes a client of the queue at `url`.
    pub(super) fn new(client: &'c Client, url: String) -> Self {
        Self { client, url }
    }

    /// Receives messages, none if there are no more.
    ///
    /// # Errors
    /// `Unavailable` if SQS fails.
    pub(super) async fn receive(&self) -> Result<Vec<ReceivedMessage>> {
        let call = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(MAX_MESSAGES)
            .visibility_timeout(VISIBILITY_SECONDS)
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        let received = call.send().await.map_err(unavailable)?;
        Ok(received.messages.unwrap_or_default().into_iter().map(ReceivedMessage::from).collect())
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// `Unavailable` if SQS fails.
    pub(super) async fn delete(&self, message: &ReceivedMessage) -> Result<()> {
        let call = self.client.delete_message().queue_url(&self.url);
        call.receipt_handle(&message.receipt).send().await.map_err(unavailable)?;
        Ok(())
    }

    /// Makes a received message visible again. One that was hidden for [`VISIBILITY_SECONDS`] is visible already.
    ///
    /// # Errors
    /// `Unavailable` if SQS fails.
    pub(super) async fn make_visible(&self, message: &ReceivedMessage) -> Result<()> {
        let call = self.client.change_message_visibility().queue_url(&self.url);
        let call = call.receipt_handle(&message.receipt).visibility_timeout(0);
        let Err(error) = call.send().await else { return Ok(()) };
        // SQS answers with the first code in standard queues, and with the second one in FIFO queues.
        let is_visible = error.code().is_some_and(|code| {
            code.ends_with("MessageNotInflight") || code.ends_with("InvalidParameterValue")
        });
        if is_visible { Ok(()) } else { Err(unavailable(error)) }
    }
}

impl From<Message> for ReceivedMessage {
    fn from(message: Message) -> Self {
        let group = message.attributes.as_ref();
        let group = group.and_then(|all| all.get(&MessageSystemAttributeName::MessageGroupId));
        Self {
            group: group.cloned(),
            id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        }
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Unavailable(Box::new(error))
}

//! Slack messages in the [outbox](crate::outbox).
//!
//! The webhook is not part of a row. Delivery reads it, so that a changed or removed webhook counts at once.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Key, Tx};
use crate::error::Result;
use crate::ids::{SlackMessageId, UserId};
use crate::keys;
use crate::outbox::{self, DeliveryOutcome, OutboxContent};
use crate::random::Random;
use crate::secrets::Keyring;

/// A message to one user's webhook.
#[derive(Serialize, Deserialize)]
pub(super) struct QueuedSlackMessage {
    pub(super) user_id: UserId,
    /// The text, in Slack's format.
    pub(super) text: String,
}

impl OutboxContent for QueuedSlackMessage {
    type Id = SlackMessageId;

    const CHANNEL: &'static str = "slack";

    fn generate_id(random: &dyn Random) -> SlackMessageId {
        SlackMessageId::generate(random)
    }

    fn recipient(&self) -> &str {
        self.user_id.as_str()
    }

    fn key(recipient: &str, queued_at: Timestamp, id: &SlackMessageId) -> Key {
        keys::queued_slack_message(recipient, queued_at, id)
    }

    fn log_outcome(message: &SlackMessageId, outcome: &DeliveryOutcome) {
        match outcome {
            DeliveryOutcome::Accepted => tracing::info!(%message, "message posted"),
            DeliveryOutcome::Refused(why) => {
                tracing::error!(%message, why, "a message was refused for good");
            }
            DeliveryOutcome::Unwanted | DeliveryOutcome::Suppressed(_) => {
                tracing::info!(%message, "a message has no webhook anymore and was dropped");
            }
            DeliveryOutcome::Expired => {
                tracing::error!(%message, "a message expired before it was posted");
            }
        }
    }
}

/// A Slack message that `worker` posts after the transaction which queues it.
#[derive(Clone, Debug)]
pub struct NewSlackMessage<'a> {
    /// The user whose webhook gets the message.
    pub to: &'a UserId,
    /// The text, in Slack's format.
    pub text: String,
    /// The time after which the message is not posted anymore.
    pub deliver_before: Timestamp,
}

/// Queues a message in `tx`. It is posted if the transaction succeeds.
///
/// # Errors
///
/// * An internal error if the message cannot be serialized or encrypted.
pub fn queue(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    message: NewSlackMessage<'_>,
) -> Result<()> {
    let NewSlackMessage { to, text, deliver_before } = message;
    let content = QueuedSlackMessage { user_id: to.clone(), text };
    outbox::queue(ctx, keyring, tx, &content, deliver_before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamo::Record;
    use crate::outbox::OutboxRow;
    use serde_json::json;

    #[test]
    fn a_stored_row_is_read_and_written_unchanged() {
        let id = SlackMessageId::from_bits(&[7; 16]);
        let stored = json!({
            "id": id, "recipient": "pseudonym", "queued_at": 1, "useful_until": 2, "sealed": "v1.x", "ttl_at": 3,
        });
        let row: OutboxRow<QueuedSlackMessage> = serde_json::from_value(stored.clone()).unwrap();
        let queued_at = Timestamp::from_seconds(1);
        assert_eq!(row.key(), keys::queued_slack_message("pseudonym", queued_at, &id));
        assert_eq!(serde_json::to_value(&row).unwrap(), stored);
    }
}

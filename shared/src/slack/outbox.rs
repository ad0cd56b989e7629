//! The outbox of Slack messages: rows that the worker posts. Their content is encrypted.
//!
//! The webhook is not part of a row. Delivery reads it, so that a changed or removed webhook counts at once.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dead_letters;
use crate::dynamo::{Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{SlackMessageId, UserId};
use crate::keys;
use crate::secrets::{Keyring, Sealed};

/// A queued message as stored.
#[derive(Serialize, Deserialize)]
pub(super) struct QueuedMessage {
    id: SlackMessageId,
    recipient: String,
    queued_at: Timestamp,
    /// The time after which the message is not posted anymore.
    #[serde(rename = "useful_until")]
    deliver_before: Timestamp,
    sealed: Sealed,
    ttl_at: Timestamp,
}

/// The encrypted part of a queued message.
#[derive(Serialize, Deserialize)]
pub(super) struct MessageContent {
    pub(super) user_id: UserId,
    pub(super) text: String,
}

impl Record for QueuedMessage {
    fn key(&self) -> Key {
        keys::queued_slack_message(&self.recipient, self.queued_at, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.ttl_at.seconds())
    }
}

/// A message to post.
#[derive(Clone, Debug)]
pub struct NewMessage<'a> {
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
    message: NewMessage<'_>,
) -> Result<()> {
    let NewMessage { to, text, deliver_before } = message;
    let id = SlackMessageId::generate(&*ctx.random);
    let recipient = keyring.pseudonym(&["slack", to.as_str()]);
    let content = MessageContent { user_id: to.clone(), text };
    let content = serde_json::to_vec(&content).map_err(Error::internal)?;
    let sealed = keyring.seal(&*ctx.random, &associated_data(&id), &content)?;
    let (queued_at, ttl_at) = (ctx.now(), deliver_before.plus(dead_letters::RETENTION));
    tx.put_new(&QueuedMessage { id, recipient, queued_at, deliver_before, sealed, ttl_at })
}

/// Returns the associated data that binds the encrypted content to its row.
fn associated_data(id: &SlackMessageId) -> String {
    format!("slack {id}")
}

impl QueuedMessage {
    /// Returns the id of the message, which may be logged.
    pub(super) fn id(&self) -> &SlackMessageId {
        &self.id
    }

    /// Returns the time after which the message is not posted anymore.
    pub(super) fn deliver_before(&self) -> Timestamp {
        self.deliver_before
    }

    /// Decrypts recipient and text.
    ///
    /// # Errors
    ///
    /// * An internal error ([`Error::is_unreadable`]) if the content cannot be decrypted or parsed.
    pub(super) fn open(&self, keyring: &Keyring) -> Result<MessageContent> {
        let content = keyring
            .open(&associated_data(&self.id), &self.sealed)
            .ok_or_else(|| Error::unreadable("a queued Slack message can't be decrypted"))?;
        serde_json::from_slice(&content).map_err(Error::unreadable)
    }
}

//! The outbox of mail: rows that the worker sends. Their content is encrypted because it can hold codes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Message;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dead_letters;
use crate::dynamo::{Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::MailId;
use crate::keys;
use crate::requester::Requester;
use crate::secrets::{Keyring, Sealed};
use crate::values::EmailAddress;

/// Time after expiry that the row of a mail is kept. A decoy needs none because nobody delivers it.
const DECOY_RETENTION: Duration = Duration::ZERO;

/// A queued mail as stored.
#[derive(Serialize, Deserialize)]
pub(super) struct QueuedMail {
    id: MailId,
    recipient: String,
    queued_at: Timestamp,
    /// The time after which the mail is not sent anymore.
    #[serde(rename = "useful_until")]
    deliver_before: Timestamp,
    sealed: Sealed,
    ttl_at: Timestamp,
}

/// The encrypted part of a queued mail.
#[derive(Serialize, Deserialize)]
pub(super) struct MailContent {
    pub(super) to: EmailAddress,
    pub(super) message: Message,
}

impl Record for QueuedMail {
    fn key(&self) -> Key {
        keys::queued_mail(&self.recipient, self.queued_at, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.ttl_at.seconds())
    }
}

/// A row of the same size as a queued mail, which is never delivered.
#[derive(Serialize, Deserialize)]
struct Decoy(QueuedMail);

impl Record for Decoy {
    fn key(&self) -> Key {
        keys::decoy_mail(&self.0.recipient, self.0.queued_at, &self.0.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.0.ttl_at.seconds())
    }
}

/// Queues a mail in `tx`. It is sent if the transaction succeeds.
///
/// # Errors
///
/// * An internal error if the mail cannot be serialized or encrypted.
pub fn queue(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    to: &EmailAddress,
    message: Message,
) -> Result<()> {
    tx.put_new(&seal(ctx, keyring, to, message, dead_letters::RETENTION)?)
}

/// Puts a decoy into `tx`, for an address that gets no mail. It costs the same time as a mail with a code, so that
/// the response time does not show whether the address has an account.
///
/// # Errors
///
/// * An internal error if the decoy cannot be serialized or encrypted.
pub fn queue_decoy(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    requester: &Requester,
    to: &EmailAddress,
) -> Result<()> {
    let message = Message::decoy(ctx, requester)?;
    tx.put_new(&Decoy(seal(ctx, keyring, to, message, DECOY_RETENTION)?))
}

fn seal(
    ctx: &Context,
    keyring: &Keyring,
    to: &EmailAddress,
    message: Message,
    retention: Duration,
) -> Result<QueuedMail> {
    let id = MailId::generate(&*ctx.random);
    let deliver_before = message.expires_at();
    let recipient = keyring.pseudonym(&["mail", to.as_str()]);
    let content =
        serde_json::to_vec(&MailContent { to: to.clone(), message }).map_err(Error::internal)?;
    let sealed = keyring.seal(&*ctx.random, &associated_data(&id), &content)?;
    let (queued_at, ttl_at) = (ctx.now(), deliver_before.plus(retention));
    Ok(QueuedMail { id, recipient, queued_at, deliver_before, sealed, ttl_at })
}

/// Returns the associated data that binds the encrypted content to its row.
fn associated_data(id: &MailId) -> String {
    format!("mail {id}")
}

impl QueuedMail {
    /// Returns the id of the mail, which may be logged.
    pub(super) fn id(&self) -> &MailId {
        &self.id
    }

    /// Returns the time after which the mail is not sent anymore.
    pub(super) fn deliver_before(&self) -> Timestamp {
        self.deliver_before
    }

    /// Decrypts recipient and message.
    ///
    /// # Errors
    ///
    /// * An internal error ([`Error::is_unreadable`]) if the content cannot be decrypted or parsed.
    pub(super) fn open(&self, keyring: &Keyring) -> Result<MailContent> {
        let content = keyring
            .open(&associated_data(&self.id), &self.sealed)
            .ok_or_else(|| Error::unreadable("a queued mail can't be decrypted"))?;
        serde_json::from_slice(&content).map_err(Error::unreadable)
    }
}

//! The outbox: rows for mail and Slack messages. The transaction of the change that causes a message writes its
//! row, and the worker delivers the row from the table's stream.
//!
//! The content is encrypted, because it can hold codes and names. Both channels store the same attributes.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cause;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dead_letters;
use crate::dynamo::{Key, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::random::Random;
use crate::secrets::{Keyring, Sealed};
use crate::values::SuppressionReason;

/// The content of a message on one channel.
pub trait OutboxContent: Serialize + DeserializeOwned {
    /// The id of a row.
    type Id: fmt::Display + Serialize + DeserializeOwned;

    /// The channel's name. Stored rows are bound to it.
    const CHANNEL: &'static str;

    /// The name under which recipients have pseudonyms. Channels to the same recipients share it.
    const RECIPIENTS: &'static str = Self::CHANNEL;

    /// Generates the id of a new row.
    fn generate_id(random: &dyn Random) -> Self::Id;

    /// Returns the recipient, whose messages are delivered in order.
    fn recipient(&self) -> &str;

    /// Returns the key of a row. `recipient` is the recipient's pseudonym.
    fn key(recipient: &str, queued_at: Timestamp, id: &Self::Id) -> Key;

    /// Logs how the delivery of a row ended.
    fn log_outcome(id: &Self::Id, outcome: &DeliveryOutcome);
}

/// How the delivery of a row ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The service accepted the message.
    Accepted,
    /// The service will never accept the message. Holds the reason for the log.
    Refused(String),
    /// A mail to the recipient came back, or was reported as spam.
    Suppressed(SuppressionReason),
    /// The recipient wants no message anymore.
    Unwanted,
    /// The message was not sent in time.
    Expired,
}

/// A message to deliver, as stored.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(crate) struct OutboxRow<C: OutboxContent> {
    pub(crate) id: C::Id,
    /// A pseudonym of the recipient: the queue delivers its messages one after the other.
    pub(crate) recipient: String,
    pub(crate) queued_at: Timestamp,
    /// The time after which the message is not delivered anymore.
    #[serde(rename = "useful_until")]
    deliver_before: Timestamp,
    sealed: Sealed,
    ttl_at: Timestamp,
    /// The id of the request that caused the message, for the log of the worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip)]
    content: PhantomData<C>,
}

impl<C: OutboxContent> Record for OutboxRow<C> {
    fn key(&self) -> Key {
        C::key(&self.recipient, self.queued_at, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.ttl_at.seconds())
    }
}

impl<C: OutboxContent> OutboxRow<C> {
    /// Creates a row with encrypted content, which is kept for `retention` after `deliver_before`.
    ///
    /// # Errors
    ///
    /// * An internal error if the content cannot be serialized or encrypted.
    pub(crate) fn new(
        ctx: &Context,
        keyring: &Keyring,
        content: &C,
        deliver_before: Timestamp,
        retention: Duration,
    ) -> Result<Self> {
        let id = C::generate_id(&*ctx.random);
        let recipient = keyring.pseudonym(&[C::RECIPIENTS, content.recipient()]);
        let plain = serde_json::to_vec(content).map_err(Error::internal)?;
        let sealed = keyring.seal(&*ctx.random, &associated_data::<C>(&id), &plain)?;
        let (queued_at, ttl_at) = (ctx.now(), deliver_before.plus(retention));
        let (request_id, content) = (cause::request_id(), PhantomData);
        Ok(Self { id, recipient, queued_at, deliver_before, sealed, ttl_at, request_id, content })
    }

    /// Decrypts the content of the row.
    fn open(&self, keyring: &Keyring) -> Result<C> {
        let plain =
            keyring.open(&associated_data::<C>(&self.id), &self.sealed).ok_or_else(|| {
                Error::unreadable(format!("a queued message ({}) can't be decrypted", C::CHANNEL))
            })?;
        serde_json::from_slice(&plain).map_err(Error::unreadable)
    }
}

/// Returns the associated data that binds the encrypted content to its row.
fn associated_data<C: OutboxContent>(id: &C::Id) -> String {
    format!("{} {id}", C::CHANNEL)
}

/// Queues a message in `tx`. It is delivered if the transaction succeeds. An undelivered row is kept as long as its
/// dead letter.
///
/// # Errors
///
/// * An internal error if the content cannot be serialized or encrypted.
pub(crate) fn queue<C: OutboxContent>(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    content: &C,
    deliver_before: Timestamp,
) -> Result<()> {
    tx.put_new(&OutboxRow::new(ctx, keyring, content, deliver_before, dead_letters::RETENTION)?)
}

/// Delivers one row with `send` and deletes it. Does nothing if the row is gone.
///
/// # Errors
///
/// The errors of [`deliver_row`], and [`Error::Unavailable`] if the table is unavailable.
pub(crate) async fn deliver<C: OutboxContent, F: Future<Output = Result<DeliveryOutcome>>>(
    ctx: &Context,
    key: &Key,
    send: impl FnOnce(C) -> F,
) -> Result<()> {
    match ctx.table.get::<OutboxRow<C>>(key).await? {
        Some(row) => deliver_row(ctx, row, send).await,
        None => Ok(()),
    }
}

/// Delivers a row that was read with `send` and deletes it.
///
/// Delivery is at least once: if the process stops between sending and deleting, the message is sent again.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table is unavailable.
/// * An internal error ([`Error::is_unreadable`]) if the row cannot be decrypted or parsed.
/// * The errors of `send`. The row then remains for a retry.
pub(crate) async fn deliver_row<C: OutboxContent, F: Future<Output = Result<DeliveryOutcome>>>(
    ctx: &Context,
    row: OutboxRow<C>,
    send: impl FnOnce(C) -> F,
) -> Result<()> {
    let outcome = if ctx.now() >= row.deliver_before {
        DeliveryOutcome::Expired
    } else {
        let content = row.open(&*ctx.secrets.keyring().await)?;
        send(content).await?
    };
    C::log_outcome(&row.id, &outcome);
    let key = row.key();
    retry_conflicts(ctx, || ctx.table.delete(&key)).await
}

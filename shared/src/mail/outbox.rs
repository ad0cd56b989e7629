//! Mails that wait to be sent: rows whose content is encrypted, since it holds codes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Message;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::MailId;
use crate::keys;
use crate::requester::Requester;
use crate::secrets::{Keyring, Sealed};
use crate::values::EmailAddress;

/// How long a row stays behind the moment its mail is of use to anybody: long enough for the dead
/// letters to be looked into.
const KEPT: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A row like a mail's that stands for none goes as soon as that mail would be useless.
const DECOY_KEPT: Duration = Duration::ZERO;

/// A mail that waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    id: MailId,
    recipient: String,
    queued_at: Timestamp,
    useful_until: Timestamp,
    sealed: Sealed,
    ttl_at: Timestamp,
}

/// What is sealed in a row.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) to: EmailAddress,
    pub(super) message: Message,
}

impl Record for Waiting {
    fn key(&self) -> Key {
        keys::mail(&self.recipient, self.queued_at, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.ttl_at.seconds())
    }
}

/// A row that is written like a mail's and that nobody delivers.
#[derive(Serialize, Deserialize)]
struct Decoy(Waiting);

impl Record for Decoy {
    fn key(&self) -> Key {
        keys::decoy_mail(&self.0.recipient, self.0.queued_at, &self.0.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.0.ttl_at.seconds())
    }
}

/// Adds a mail to the change that it tells of; it is sent if the change happens.
pub fn queue(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    to: &EmailAddress,
    message: Message,
) -> Result<()> {
    tx.put_new(&seal(ctx, keyring, to, message, KEPT)?)
}

/// Adds what costs as much as a mail with a code, where there is nobody to send one to.
pub fn queue_decoy(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    requester: &Requester,
    to: &EmailAddress,
) -> Result<()> {
    let message = Message::decoy(ctx, requester)?;
    tx.put_new(&Decoy(seal(ctx, keyring, to, message, DECOY_KEPT)?))
}

fn seal(
    ctx: &Context,
    keyring: &Keyring,
    to: &EmailAddress,
    message: Message,
    kept: Duration,
) -> Result<Waiting> {
    let id = MailId::generate(&*ctx.random);
    let useful_until = message.expires_at();
    let recipient = keyring.pseudonym(&["mail", to.as_str()]);
    let letter =
        serde_json::to_vec(&Letter { to: to.clone(), message }).map_err(Error::internal)?;
    let sealed = keyring.seal(&*ctx.random, &place(&id), &letter)?;
    let (queued_at, ttl_at) = (ctx.now(), useful_until.plus(kept));
    Ok(Waiting { id, recipient, queued_at, useful_until, sealed, ttl_at })
}

/// What a waiting mail is sealed for.
fn place(id: &MailId) -> String {
    format!("mail {id}")
}

impl Waiting {
    /// Its id, which may be logged.
    pub(super) fn id(&self) -> &MailId {
        &self.id
    }

    /// Until when sending it makes sense.
    pub(super) fn useful_until(&self) -> Timestamp {
        self.useful_until
    }

    /// What it says, and to whom.
    pub(super) fn open(&self, keyring: &Keyring) -> Result<Letter> {
        let letter = keyring
            .open(&place(&self.id), &self.sealed)
            .ok_or_else(|| Error::unreadable("a waiting mail can't be opened"))?;
        serde_json::from_slice(&letter).map_err(Error::unreadable)
    }
}

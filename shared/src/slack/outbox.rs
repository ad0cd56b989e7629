//! Messages that wait to be posted: rows whose content is encrypted, as mails are. The webhook isn't in them:
//! it is read when the message is posted, so that one that was changed or removed counts at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{NoticeId, UserId};
use crate::keys;
use crate::secrets::{Keyring, Sealed};

/// How long a row stays behind the moment its message is of use to anybody: long enough for the dead
/// letters to be looked into.
const KEPT: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A message that waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    id: NoticeId,
    recipient: String,
    queued_at: Timestamp,
    useful_until: Timestamp,
    sealed: Sealed,
    ttl_at: Timestamp,
}

/// What is sealed in a row.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) user_id: UserId,
    pub(super) text: String,
}

impl Record for Waiting {
    fn key(&self) -> Key {
        keys::slack(&self.recipient, self.queued_at, &self.id)
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
    /// The text.
    pub text: String,
    /// The time after which the message is not posted anymore.
    pub useful_until: Timestamp,
}

/// Adds a message to the change that it tells of; it is posted if the change happens, until it is of no more
/// use.
pub fn queue(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    message: NewMessage<'_>,
) -> Result<()> {
    let NewMessage { to, text, useful_until } = message;
    let id = NoticeId::generate(&*ctx.random);
    let recipient = keyring.pseudonym(&["slack", to.as_str()]);
    let letter = Letter { user_id: to.clone(), text };
    let letter = serde_json::to_vec(&letter).map_err(Error::internal)?;
    let sealed = keyring.seal(&*ctx.random, &place(&id), &letter)?;
    let (queued_at, ttl_at) = (ctx.now(), useful_until.plus(KEPT));
    tx.put_new(&Waiting { id, recipient, queued_at, useful_until, sealed, ttl_at })
}

/// What a waiting message is sealed for.
fn place(id: &NoticeId) -> String {
    format!("slack {id}")
}

impl Waiting {
    /// Its id, which may be logged.
    pub(super) fn id(&self) -> &NoticeId {
        &self.id
    }

    /// Until when posting it makes sense.
    pub(super) fn useful_until(&self) -> Timestamp {
        self.useful_until
    }

    /// What it says, and to whom.
    pub(super) fn open(&self, keyring: &Keyring) -> Result<Letter> {
        let letter = keyring
            .open(&place(&self.id), &self.sealed)
            .ok_or_else(|| Error::unreadable("a waiting message for Slack can't be opened"))?;
        serde_json::from_slice(&letter).map_err(Error::unreadable)
    }
}

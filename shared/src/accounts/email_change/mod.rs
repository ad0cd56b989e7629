//! Another address for an account: proven with a code that goes there, told to the old one, and
//! undone from there for a week.

pub mod ask;
pub mod confirm;
mod former;
pub mod undo;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::User;
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::values::EmailAddress;

pub(super) use former::former_addresses;

/// How long a change can be undone. Whoever has taken over an account changes its address first, and
/// its owner may be on holiday.
const UNDO_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Changes that can be undone at a time, and so addresses that one account keeps from others.
const MOST_UNDOABLE: usize = 5;

/// A change of the address that can still be undone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoableChange {
    /// The hash of the token that undoes it.
    hash: String,
    until: Timestamp,
}

/// The changes that can still be undone, where there is room for another: [`Error::RateLimited`] after
/// five in a week.
fn still_undoable(user: &User, now: Timestamp) -> Result<Vec<UndoableChange>> {
    let mut undoable = user.undoable.clone();
    undoable.retain(|change| now < change.until);
    match undoable.first() {
        Some(oldest) if undoable.len() >= MOST_UNDOABLE => {
            Err(Error::rate_limited(now, oldest.until))
        }
        Some(_) | None => Ok(undoable),
    }
}

/// What the token in the notice to the old address stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Undo {
    user_id: UserId,
    hash: String,
    /// The address from before.
    email: EmailAddress,
    expires_at: Timestamp,
}

impl Record for Undo {
    fn key(&self) -> Key {
        keys::email_undo(&self.user_id, &self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

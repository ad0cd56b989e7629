//! Changing the address of an account. A code verifies the new address. The old address gets a notice
//! with a link that undoes the change for 7 days.

pub mod confirm;
mod previous_addresses;
pub mod request;
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

pub(super) use previous_addresses::previous_addresses;

/// Time within which a change can be undone. An attacker who has taken over an account changes its address
/// first, and its owner may be on vacation.
pub const EMAIL_CHANGE_UNDO_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Maximum number of changes that can be undone at a time, and thus of addresses that one account reserves.
pub const MAX_UNDOABLE_CHANGES: usize = 5;

/// A change of the address that can still be undone, stored with the user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoableEmailChange {
    /// Hash of the token that undoes it.
    hash: String,
    until: Timestamp,
}

/// Returns the changes that can still be undone. Returns [`Error::RateLimited`] if there are
/// [`MAX_UNDOABLE_CHANGES`], so that no further change is possible.
fn undoable_changes(user: &User, now: Timestamp) -> Result<Vec<UndoableEmailChange>> {
    let mut undoable = user.undoable.clone();
    undoable.retain(|change| now < change.until);
    match undoable.first() {
        Some(oldest) if undoable.len() >= MAX_UNDOABLE_CHANGES => {
            Err(Error::rate_limited(now, oldest.until))
        }
        Some(_) | None => Ok(undoable),
    }
}

/// The data of a token that undoes a change. The token itself is in the notice to the old address.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct EmailChangeUndo {
    user_id: UserId,
    hash: String,
    /// Address before the change.
    email: EmailAddress,
    expires_at: Timestamp,
}

impl Record for EmailChangeUndo {
    fn key(&self) -> Key {
        keys::email_undo(&self.user_id, &self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

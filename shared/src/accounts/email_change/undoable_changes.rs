//! The changes of an account's address that can still be undone.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// Time within which a change can be undone. An attacker who has taken over an account changes its address
/// first, and its owner may be on vacation.
pub const EMAIL_CHANGE_UNDO_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Maximum number of changes that can be undone at a time, and thus of addresses that one account reserves.
pub const MAX_UNDOABLE_CHANGES: usize = 5;

/// A change of the address that can still be undone, stored with the user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoableEmailChange {
    /// Hash of the token that undoes it.
    pub(super) hash: String,
    pub(super) until: Timestamp,
}

/// Returns those of an account's `changes` that can still be undone.
///
/// # Errors
/// [`Error::RateLimited`] if there are [`MAX_UNDOABLE_CHANGES`], so that no further change is possible.
pub(super) fn undoable_changes(
    changes: &[UndoableEmailChange],
    now: Timestamp,
) -> Result<Vec<UndoableEmailChange>> {
    let mut undoable = changes.to_vec();
    undoable.retain(|change| now < change.until);
    match undoable.first() {
        Some(oldest) if undoable.len() >= MAX_UNDOABLE_CHANGES => {
            Err(Error::rate_limited(now, oldest.until))
        }
        Some(_) | None => Ok(undoable),
    }
}

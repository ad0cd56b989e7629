//! Changing the address of an account. A code verifies the new address. The old address gets a notice
//! with a link that undoes the change within [`EMAIL_CHANGE_UNDO_TTL`].

pub mod cancel;
pub mod confirm;
pub mod pending;
mod previous_addresses;
pub mod request;
pub mod undo;
mod undoable_changes;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::UserId;
use crate::keys;
use crate::values::EmailAddress;

use undoable_changes::undoable_changes;
pub use undoable_changes::{EMAIL_CHANGE_UNDO_TTL, MAX_UNDOABLE_CHANGES, UndoableEmailChange};

pub(super) use previous_addresses::previous_addresses;
pub(super) use undo::restore_address;

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

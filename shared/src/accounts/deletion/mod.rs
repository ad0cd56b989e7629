//! Deleting an account: it is disabled at once, can be restored within [`DELETION_GRACE_PERIOD`], and is erased then.

pub mod erase;
mod erase_log;
mod erase_memberships;
pub mod erase_now;
mod grace_period;
pub mod request;
pub mod restore;
mod unverified;

use serde::{Deserialize, Serialize};

pub use grace_period::DELETION_GRACE_PERIOD;
pub(super) use unverified::delete_unverified_account;

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Key, Record};
use crate::ids::UserId;
use crate::keys;

/// The scheduled erasure of an account, stored with the user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deletion {
    /// Time when the deletion was requested.
    pub requested_at: Timestamp,
    /// Time when the account is due for erasure. Until then it can be restored.
    pub due_at: Timestamp,
    /// Whether the erasure has begun. From then on the account cannot be restored, even if the clocks of
    /// other processes are behind.
    #[serde(default)]
    pub erasing: bool,
}

impl Deletion {
    fn scheduled_at(ctx: &Context, due_at: Timestamp) -> Self {
        Self { requested_at: ctx.now(), due_at, erasing: false }
    }
}

/// An erasure for the worker, ordered by due time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Erasure {
    /// The account that is erased.
    pub user_id: UserId,
    /// Time when the erasure is due.
    pub due_at: Timestamp,
}

impl Record for Erasure {
    fn key(&self) -> Key {
        keys::erasure(self.due_at, &self.user_id)
    }
}

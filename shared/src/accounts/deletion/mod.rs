//! Deleting an account: it is disabled at once, can be restored for 14 days, and is erased then.

pub mod erase;
mod erase_log;
mod erase_memberships;
pub mod erase_now;
mod grace_period;
pub mod request;
pub mod restore;

use serde::{Deserialize, Serialize};

pub use grace_period::DELETION_GRACE_PERIOD;

use super::User;
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Key, Record, Tx};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;
use crate::mailed_codes::CodeKey;
use crate::requester::Requester;
use crate::values::CodePurpose;

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

/// Deletes an account that was never verified, because another account has proven its address. The account
/// is disabled at once and erased in the next run. Its address already belongs to the other account.
///
/// Returns the entry for the activity log.
///
/// # Errors
/// The commit fails with [`AttemptError::Conflict`] if the account has changed since it was read, if
/// an erasure is already scheduled for this second, or if its Google account is connected to another user. It fails with
/// `Error::Internal` if its default organization does not exist.
pub(super) fn delete_unverified_account(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    unverified: User,
) -> Result<AuditEvent> {
    let now = ctx.now();
    // The code that was mailed for this account must not verify the address any more.
    let code = CodeKey::for_address(CodePurpose::VerifyEmail, &unverified.email);
    tx.delete(&code.key(), None, AttemptError::Conflict)?;
    let deletion = Some(Deletion::scheduled_at(ctx, now));
    let unverified = unverified.with_erasure_at(tx, now)?;
    let user = User { deletion, ..unverified.reset_unverified(ctx, tx)? }.store(tx)?;
    Ok(AuditEvent::for_account(ctx, requester, Action::DeletionScheduled, &user.id))
}

//! The time within which the address of a new account must be verified. An account that nobody verifies is
//! erased, with the name, the address and the password that were registered.

use std::time::Duration;

use super::deletion::Erasure;
use super::{PendingRegistration, User};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Record, Tx};
use crate::error::Result;

/// Time within which the address of a new account must be verified.
pub const REGISTRATION_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Returns the time of the erasure of an account that is registered now, or `None` where the deployment does not
/// require verified addresses. Accounts are in use there without having been verified.
pub(super) fn registration_expires_at(ctx: &Context) -> Option<Timestamp> {
    ctx.config.require_email_verification.then(|| ctx.now().plus(REGISTRATION_TTL))
}

impl User {
    /// Returns the erasure that is scheduled for the time when the registration expires.
    fn erasure_of_registration(&self) -> Option<Erasure> {
        let due_at = self.pending.as_ref().and_then(|pending| pending.expires_at)?;
        Some(Erasure { user_id: self.id.clone(), due_at })
    }

    /// Returns whether the address was not verified by `due_at`, for which the erasure was scheduled.
    pub(super) fn is_expired_registration(&self, ctx: &Context, due_at: Timestamp) -> bool {
        let expires_at = self.pending.as_ref().and_then(|pending| pending.expires_at);
        !self.is_activated(ctx) && self.deletion.is_none() && expires_at == Some(due_at)
    }

    /// Replaces the registration by a later one, and schedules the erasure in `tx` for the time when that expires.
    ///
    /// # Errors
    /// The commit fails with [`AttemptError::Conflict`] if an erasure of the account is scheduled for that second
    /// already.
    pub(super) fn with_registration(
        self,
        tx: &mut Tx<'_>,
        pending: PendingRegistration,
    ) -> Result<Self> {
        let before = self.erasure_of_registration();
        let user = Self { pending: Some(pending), ..self };
        replace_erasure(tx, before, user.erasure_of_registration())?;
        Ok(user)
    }

    /// Ends the registration, because the address is verified or the account is reset: cancels the erasure in `tx`.
    pub(super) fn without_registration(self, tx: &mut Tx<'_>) -> Result<Self> {
        replace_erasure(tx, self.erasure_of_registration(), None)?;
        Ok(Self { pending: None, ..self })
    }

    /// Ends the registration, and schedules the erasure in `tx` for another time.
    ///
    /// # Errors
    /// The commit fails with [`AttemptError::Conflict`] if an erasure of the account is scheduled for that second
    /// already.
    pub(super) fn with_erasure_at(self, tx: &mut Tx<'_>, due_at: Timestamp) -> Result<Self> {
        let erasure = Erasure { user_id: self.id.clone(), due_at };
        replace_erasure(tx, self.erasure_of_registration(), Some(erasure))?;
        Ok(Self { pending: None, ..self })
    }
}

fn replace_erasure(tx: &mut Tx<'_>, before: Option<Erasure>, after: Option<Erasure>) -> Result<()> {
    // Both are the same item if they are due in the same second, and a transaction has one write per item.
    if before.as_ref().map(Record::key) == after.as_ref().map(Record::key) {
        return Ok(());
    }
    if let Some(before) = before {
        tx.delete(&before.key(), None, AttemptError::Conflict)?;
    }
    match after {
        Some(after) => tx.put(&after, Condition::Absent, AttemptError::Conflict),
        None => Ok(()),
    }
}

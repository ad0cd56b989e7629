//! Limits the attempts to guess a password or a second factor of one account, from all networks together.
//!
//! Every attempt is counted as a failure before it is checked, and the count is cleared if it was right.
//! Attempts that arrive at the same time are therefore counted one by one. Addresses without an account
//! have a row as well, so that a delay reveals nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Key, Record, Tx, retry_conflicts, retry_from,
};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::secrets::Keyring;
use crate::values::EmailAddress;

/// Failed attempts are forgotten if none follows within this time.
const FAILED_ATTEMPTS_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Maximum delay of the next attempt after a failed one.
pub const MAX_DELAY: Duration = Duration::from_secs(15 * 60);

/// Counts and limits the attempts to guess one secret of one account.
#[derive(Clone, Debug)]
pub(super) struct AttemptLimiter {
    pseudonym: String,
    delays: DelaySchedule,
}

/// The delays that follow failed attempts in a row.
#[derive(Clone, Copy, Debug)]
struct DelaySchedule {
    /// Number of failures without a delay, because people mistype.
    free: u32,
    /// Delays in seconds after the next failures. All later failures cost [`MAX_DELAY`].
    growing: &'static [u64],
}

/// Delays grow from the 5th wrong password on, to 15 minutes from the 10th on.
const PASSWORD_DELAYS: DelaySchedule = DelaySchedule { free: 4, growing: &[15, 30, 60, 120, 300] };

/// From the 10th wrong code on, each costs 15 minutes. Four attempts an hour find a code of six digits
/// (three are valid at a time) in nine years on average.
const SECOND_FACTOR_DELAYS: DelaySchedule = DelaySchedule { free: 9, growing: &[] };

impl DelaySchedule {
    fn delay(self, failures: u32) -> Duration {
        let Some(delayed) = failures.checked_sub(self.free + 1) else {
            return Duration::ZERO;
        };
        usize::try_from(delayed)
            .ok()
            .and_then(|delayed| self.growing.get(delayed))
            .map_or(MAX_DELAY, |seconds| Duration::from_secs(*seconds))
    }
}

/// The failed attempts in a row, as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FailedAttempts {
    pseudonym: String,
    count: u32,
    last_at: Timestamp,
    not_before: Timestamp,
}

impl Record for FailedAttempts {
    fn key(&self) -> Key {
        keys::failed_attempts(&self.pseudonym)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.last_at.plus(FAILED_ATTEMPTS_TTL).seconds())
    }
}

impl AttemptLimiter {
    /// Returns the limiter for passwords of an address, whether or not it has an account.
    pub(super) fn for_password(keyring: &Keyring, email: &EmailAddress) -> Self {
        let pseudonym = keyring.pseudonym(&["sign-in", email.as_str()]);
        Self { pseudonym, delays: PASSWORD_DELAYS }
    }

    /// Returns the limiter for codes of a user's authenticator.
    pub(super) fn for_second_factor(keyring: &Keyring, user: &UserId) -> Self {
        let pseudonym = keyring.pseudonym(&["second-factor", user.as_str()]);
        Self { pseudonym, delays: SECOND_FACTOR_DELAYS }
    }

    /// Returns the key of the row that holds the failed attempts.
    pub(super) fn key(&self) -> Key {
        keys::failed_attempts(&self.pseudonym)
    }

    /// Counts an attempt as a failure. [`AttemptLimiter::clear`] takes it back if it was right.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while the delay of an earlier failure lasts.
    pub(super) async fn count_attempt(
        &self,
        ctx: &Context,
        before: Option<FailedAttempts>,
    ) -> Result<()> {
        let key = &self.key();
        retry_from(ctx, before, || ctx.table.get(key), |before| self.try_count(ctx, before)).await
    }

    async fn try_count(&self, ctx: &Context, before: Option<FailedAttempts>) -> Attempt<()> {
        let now = ctx.now();
        if let Some(before) = before.as_ref().filter(|before| now < before.not_before) {
            return Err(Error::rate_limited(now, before.not_before).into());
        }
        // DynamoDB deletes expired rows late. Such a row no longer counts, but the condition must
        // still match it.
        let unchanged = match &before {
            None => Condition::Absent,
            Some(before) => Condition::All(vec![
                Condition::equal("count", before.count)?,
                Condition::equal("last_at", before.last_at)?,
            ]),
        };
        let remembered = before.filter(|before| now < before.last_at.plus(FAILED_ATTEMPTS_TTL));
        let count = remembered.map_or(0, |before| before.count).saturating_add(1);
        let row = FailedAttempts {
            pseudonym: self.pseudonym.clone(),
            count,
            last_at: now,
            not_before: now.plus(self.delays.delay(count)),
        };
        if ctx.table.put(&row, unchanged).await? { Ok(()) } else { Err(AttemptError::Conflict) }
    }

    /// Clears the failed attempts in `tx`, the transaction that the right attempt leads to.
    pub(super) fn clear(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.delete(&self.key(), None, AttemptError::Conflict)
    }

    /// Clears the failed attempts at once, where a right attempt leads to no transaction.
    pub(super) async fn clear_now(&self, ctx: &Context) -> Result<()> {
        let key = self.key();
        retry_conflicts(ctx, || ctx.table.delete(&key)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_delays_grow_from_the_fifth_failure_on() {
        let delays: Vec<_> = (1..=12).map(|n| PASSWORD_DELAYS.delay(n).as_secs()).collect();
        assert_eq!(delays, [0, 0, 0, 0, 15, 30, 60, 120, 300, 900, 900, 900]);
    }

    #[test]
    fn the_tenth_wrong_code_costs_15_minutes() {
        let delays: Vec<_> = (1..=12).map(|n| SECOND_FACTOR_DELAYS.delay(n).as_secs()).collect();
        assert_eq!(delays, [0, 0, 0, 0, 0, 0, 0, 0, 0, 900, 900, 900]);
    }
}

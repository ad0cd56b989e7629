//! Limits the attempts to guess a password or a second factor of one account.
//!
//! A limiter counts by account and by the network, device or session that the attempts come from, so that the
//! failures of a stranger do not delay the owner elsewhere. Another one counts by account alone and limits
//! guesses from many networks: see [`sign_in_attempts`](super::sign_in_attempts).
//!
//! Every attempt is counted as a failure before it is checked, and the count is cleared if it was right.
//! Attempts that arrive at the same time are therefore counted one by one. Addresses without an account
//! have a row as well, so that a delay reveals nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::User;
use super::devices::device_pseudonym;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, Condition, Key, Record, Tx, retry_conflicts, retry_from,
};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::requester::Requester;
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

/// Maximum failed sign-ins in a row at one account without a delay, from all networks together.
/// NIST SP 800-63B-4, 3.2.2 allows no more than 100.
pub const MAX_UNDELAYED_FAILURES: u32 = 99;

/// From the 100th failed sign-in on, all networks that the account does not know wait.
const ACCOUNT_DELAYS: DelaySchedule = DelaySchedule { free: MAX_UNDELAYED_FAILURES, growing: &[] };

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
    /// Returns the limiter for sign-ins to an address from one network, whether or not it has an account.
    pub(super) fn for_network(keyring: &Keyring, email: &EmailAddress, from: &Requester) -> Self {
        let pseudonym = keyring.pseudonym(&["sign-in", email.as_str(), &from.network()]);
        Self { pseudonym, delays: PASSWORD_DELAYS }
    }

    /// Returns the limiter for sign-ins to an address from all networks together.
    pub(super) fn for_address(keyring: &Keyring, email: &EmailAddress) -> Self {
        let pseudonym = keyring.pseudonym(&["sign-in", email.as_str()]);
        Self { pseudonym, delays: ACCOUNT_DELAYS }
    }

    /// Returns the limiter for sign-ins with the requester's device, which the account knows.
    pub(super) fn for_known_device(keyring: &Keyring, user: &UserId, from: &Requester) -> Self {
        let device = device_pseudonym(keyring, user, from);
        let pseudonym = keyring.pseudonym(&["sign-in", user.as_str(), "device", &device]);
        Self { pseudonym, delays: PASSWORD_DELAYS }
    }

    /// Returns the limiters for sign-ins and for codes of the authenticator of all devices that the account knows, and
    /// that for codes from all others.
    pub(super) fn for_devices(keyring: &Keyring, user: &User) -> Vec<Self> {
        let id = user.id.as_str();
        let limiter = |parts: &[&str], delays| Self { pseudonym: keyring.pseudonym(parts), delays };
        let others = limiter(&["second-factor", id], SECOND_FACTOR_DELAYS);
        let known = user.known_devices.pseudonyms().flat_map(|device| {
            [
                limiter(&["sign-in", id, "device", device], PASSWORD_DELAYS),
                limiter(&["second-factor", id, "device", device], SECOND_FACTOR_DELAYS),
            ]
        });
        known.chain([others]).collect()
    }

    /// Returns the limiter for passwords that the sessions of a user send.
    pub(super) fn for_sessions(keyring: &Keyring, user: &UserId) -> Self {
        let pseudonym = keyring.pseudonym(&["signed-in", user.as_str()]);
        Self { pseudonym, delays: PASSWORD_DELAYS }
    }

    /// Returns the limiter for codes of a user's authenticator: one for each known device, and one for all
    /// other requesters together.
    pub(super) fn for_second_factor(keyring: &Keyring, user: &User, from: &Requester) -> Self {
        let [device, others] = Self::second_factor_limiters(keyring, &user.id, from);
        if user.known_devices.contain(keyring, &user.id, from) { device } else { others }
    }

    /// Returns the limiters for codes of a user's authenticator: that of the requester's device, in case it
    /// is known, and that of all unknown ones.
    pub(super) fn second_factor_limiters(
        keyring: &Keyring,
        user: &UserId,
        from: &Requester,
    ) -> [Self; 2] {
        let device = device_pseudonym(keyring, user, from);
        let device = keyring.pseudonym(&["second-factor", user.as_str(), "device", &device]);
        let others = keyring.pseudonym(&["second-factor", user.as_str()]);
        [device, others].map(|pseudonym| Self { pseudonym, delays: SECOND_FACTOR_DELAYS })
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

    /// Does the same as [`AttemptLimiter::count_attempt`], if the earlier failures were not read. Takes one round trip
    /// if there are none, which is the usual case, or if the delay of one lasts, and two otherwise.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while the delay of an earlier failure lasts.
    pub(super) async fn count_unread_attempt(&self, ctx: &Context) -> Result<()> {
        retry_conflicts(ctx, || async {
            let (row, is_first) = self.next(ctx.now(), None)?;
            match ctx.table.put_or_current(&row, is_first).await? {
                None => Ok(()),
                before @ Some(_) => self.try_count(ctx, before).await,
            }
        })
        .await
    }

    async fn try_count(&self, ctx: &Context, before: Option<FailedAttempts>) -> Attempt<()> {
        let (row, unchanged) = self.next(ctx.now(), before)?;
        if ctx.table.put(&row, unchanged).await? { Ok(()) } else { Err(AttemptError::Conflict) }
    }

    /// Counts an attempt in `tx`. The commit fails with [`AttemptError::Conflict`] if another attempt was
    /// counted since `before` was read.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while the delay of an earlier failure lasts.
    pub(super) fn count_in_transaction(
        &self,
        now: Timestamp,
        tx: &mut Tx<'_>,
        before: Option<FailedAttempts>,
    ) -> Result<()> {
        let (row, unchanged) = self.next(now, before)?;
        tx.put(&row, unchanged, AttemptError::Conflict)
    }

    /// Returns the row with one more failure, and the condition that `before` is unchanged.
    fn next(
        &self,
        now: Timestamp,
        before: Option<FailedAttempts>,
    ) -> Result<(FailedAttempts, Condition)> {
        if let Some(before) = before.as_ref().filter(|before| now < before.not_before) {
            return Err(Error::rate_limited(now, before.not_before));
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
        Ok((row, unchanged))
    }

    /// Clears the failed attempts in `tx`, the transaction that the right attempt leads to.
    pub(super) fn clear(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.delete(&self.key(), None, AttemptError::Conflict)
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
    fn the_100th_failure_at_an_account_delays_strangers() {
        let delays: Vec<_> = (98..=101).map(|n| ACCOUNT_DELAYS.delay(n).as_secs()).collect();
        assert_eq!(delays, [0, 0, 900, 900]);
    }

    #[test]
    fn the_tenth_wrong_code_costs_15_minutes() {
        let delays: Vec<_> = (1..=12).map(|n| SECOND_FACTOR_DELAYS.delay(n).as_secs()).collect();
        assert_eq!(delays, [0, 0, 0, 0, 0, 0, 0, 0, 0, 900, 900, 900]);
    }
}

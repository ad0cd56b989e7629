//! How often a password or a second factor may be guessed for one account, from wherever.
//!
//! Every attempt is counted as a failure before it is looked at, and taken back when it was right:
//! however many come at once, each needs its turn. The row is kept for addresses without an account
//! as well, so that being slowed down tells nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx, retry_conflicts, retry_from};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::secrets::Keyring;
use crate::values::EmailAddress;

/// Failures are forgotten when none has followed for this long.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// What is guessed, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Guessed {
    pseudonym: String,
    delays: Delays,
}

/// Which failures in a row have to be waited for.
#[derive(Clone, Copy, Debug)]
struct Delays {
    /// Failures that cost nothing: people mistype.
    free: u32,
    /// Seconds to wait after the failures that follow; after those, [`LONGEST_DELAY`].
    growing: &'static [u64],
}

/// From the 5th failure growing delays, 15 minutes from the 10th on.
const PASSWORD: Delays = Delays { free: 4, growing: &[15, 30, 60, 120, 300] };

/// Ten failures, then 15 minutes for each: four guesses an hour find a code of six digits, three of
/// which are good at a time, in nine years on average.
const SECOND_FACTOR: Delays = Delays { free: 9, growing: &[] };

impl Delays {
    fn after(self, failures: u32) -> Duration {
        let Some(paid) = failures.checked_sub(self.free + 1) else {
            return Duration::ZERO;
        };
        usize::try_from(paid)
            .ok()
            .and_then(|paid| self.growing.get(paid))
            .map_or(LONGEST_DELAY, |seconds| Duration::from_secs(*seconds))
    }
}

/// Failures in a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Failures {
    pseudonym: String,
    count: u32,
    last_at: Timestamp,
    not_before: Timestamp,
}

impl Record for Failures {
    fn key(&self) -> Key {
        keys::failed_guesses(&self.pseudonym)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.last_at.plus(FORGOTTEN_AFTER).seconds())
    }
}

impl Guessed {
    /// The password of whoever has that address, if anybody does.
    pub(super) fn password(keyring: &Keyring, email: &EmailAddress) -> Self {
        let pseudonym = keyring.pseudonym(&["sign-in", email.as_str()]);
        Self { pseudonym, delays: PASSWORD }
    }

    /// The code of a user's authenticator.
    pub(super) fn second_factor(keyring: &Keyring, user: &UserId) -> Self {
        let pseudonym = keyring.pseudonym(&["second-factor", user.as_str()]);
        Self { pseudonym, delays: SECOND_FACTOR }
    }

    /// Where its failures are kept.
    pub(super) fn key(&self) -> Key {
        keys::failed_guesses(&self.pseudonym)
    }

    /// Counts an attempt, as a failure until [`Guessed::forget`] says otherwise.
    /// [`Error::RateLimited`] while an earlier failure's delay lasts.
    pub(super) async fn count_attempt(
        &self,
        ctx: &Context,
        before: Option<Failures>,
    ) -> Result<()> {
        let key = &self.key();
        retry_from(ctx, before, || ctx.table.get(key), |before| self.attempt(ctx, before)).await
    }

    async fn attempt(&self, ctx: &Context, before: Option<Failures>) -> Result<()> {
        let now = ctx.now();
        if let Some(before) = before.as_ref().filter(|before| now < before.not_before) {
            return Err(Error::rate_limited(now, before.not_before));
        }
        // The row may be past its time and not deleted yet: it counts no more, but it is still there.
        let unchanged = match &before {
            None => Condition::Absent,
            Some(before) => Condition::All(vec![
                Condition::equal("count", before.count)?,
                Condition::equal("last_at", before.last_at)?,
            ]),
        };
        let remembered = before.filter(|before| now < before.last_at.plus(FORGOTTEN_AFTER));
        let count = remembered.map_or(0, |before| before.count).saturating_add(1);
        let row = Failures {
            pseudonym: self.pseudonym.clone(),
            count,
            last_at: now,
            not_before: now.plus(self.delays.after(count)),
        };
        if ctx.table.put(&row, unchanged).await? { Ok(()) } else { Err(Error::Conflict) }
    }

    /// It was right: what was counted is forgotten as part of what it was for.
    pub(super) fn forget(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.delete(&self.key(), None, Error::Conflict)
    }

    /// The same where nothing else is written, for all that it was right.
    pub(super) async fn forget_now(&self, ctx: &Context) -> Result<()> {
        let key = self.key();
        retry_conflicts(ctx, || ctx.table.delete(&key)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_from_the_fifth_wrong_password_to_a_quarter_of_an_hour() {
        let delays: Vec<_> = (1..=12).map(|n| PASSWORD.after(n).as_secs()).collect();
        assert_eq!(delays, [0, 0, 0, 0, 15, 30, 60, 120, 300, 900, 900, 900]);
    }

    #[test]
    fn ten_wrong_codes_cost_a_quarter_of_an_hour() {
        let delays: Vec<_> = (1..=12).map(|n| SECOND_FACTOR.after(n).as_secs()).collect();
        assert_eq!(delays, [0, 0, 0, 0, 0, 0, 0, 0, 0, 900, 900, 900]);
    }
}

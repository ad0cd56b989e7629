//! How often a password may be guessed for one address, from wherever.
//!
//! Every attempt is counted as a failure before the password is looked at, and taken back when it
//! was right: however many come at once, each needs its turn. The row is kept for addresses without
//! an account as well, so that being slowed down tells nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::EmailAddress;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::secrets::Keyring;

/// Seconds to wait after the 5th, 6th, … failure in a row; from the 10th on, 15 minutes.
const DELAYS: [u64; 5] = [15, 30, 60, 120, 300];

/// Failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 4;

/// The delay of the 10th failure and all after it.
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// Failures are forgotten when none has followed for this long.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Failures in a row for one address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Failures {
    pseudonym: String,
    count: u32,
    last_at: Timestamp,
    not_before: Timestamp,
}

impl Record for Failures {
    fn key(&self) -> Key {
        keys::sign_in_failures(&self.pseudonym)
    }

    fn disappears_at(&self) -> Option<Timestamp> {
        Some(self.last_at.plus(FORGOTTEN_AFTER))
    }
}

/// Where the failures of an address are kept.
pub(super) fn key(keyring: &Keyring, email: &EmailAddress) -> Key {
    keys::sign_in_failures(&pseudonym(keyring, email))
}

fn pseudonym(keyring: &Keyring, email: &EmailAddress) -> String {
    keyring.pseudonym(&["sign-in", email.as_str()])
}

fn delay_after(failures: u32) -> Duration {
    let Some(paid) = failures.checked_sub(FREE_FAILURES + 1) else {
        return Duration::ZERO;
    };
    usize::try_from(paid)
        .ok()
        .and_then(|paid| DELAYS.get(paid))
        .map_or(LONGEST_DELAY, |seconds| Duration::from_secs(*seconds))
}

/// Counts an attempt, as a failure until [`forget`] says otherwise.
/// [`Error::RateLimited`] while an earlier failure's delay lasts.
pub(super) async fn count_attempt(
    ctx: &Context,
    keyring: &Keyring,
    email: &EmailAddress,
    before: Option<Failures>,
) -> Result<()> {
    let mut before = Some(before);
    retry_conflicts(ctx, || {
        let before = before.take();
        async {
            let before = match before {
                Some(before) => before,
                None => ctx.table.get(&key(keyring, email)).await?,
            };
            attempt(ctx, keyring, email, before).await
        }
    })
    .await
}

async fn attempt(
    ctx: &Context,
    keyring: &Keyring,
    email: &EmailAddress,
    before: Option<Failures>,
) -> Result<()> {
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
        pseudonym: pseudonym(keyring, email),
        count,
        last_at: now,
        not_before: now.plus(delay_after(count)),
    };
    ctx.table.put(&row, unchanged, Error::Conflict).await
}

/// The password was right: what was counted is forgotten as part of the sign-in.
pub(super) fn forget(tx: &mut Tx<'_>, keyring: &Keyring, email: &EmailAddress) -> Result<()> {
    tx.delete(&key(keyring, email), None, Error::Conflict)
}

/// The same where nobody signs in, for all that the password was right.
pub(super) async fn forget_now(
    ctx: &Context,
    keyring: &Keyring,
    email: &EmailAddress,
) -> Result<()> {
    let key = key(keyring, email);
    retry_conflicts(ctx, || ctx.table.delete(&key)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_from_the_fifth_failure_to_a_quarter_of_an_hour() {
        let delays: Vec<_> = (1..=12).map(|n| delay_after(n).as_secs()).collect();
        assert_eq!(delays, [0, 0, 0, 0, 15, 30, 60, 120, 300, 900, 900, 900]);
    }
}

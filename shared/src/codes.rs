//! The 6-character codes that are mailed to prove an address.
//!
//! One row per purpose and address, or account, holds the code's fingerprint together with the counters that
//! limit it, so that every limit is part of the condition of a write.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::random::Random;
use crate::secrets::{Keyring, Mac};
use crate::values::CodePurpose;
use crate::values::EmailAddress;

/// 32 letters and digits without those that look alike (0/O, 1/I): six of them are 30 bits.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Characters of a code.
const LENGTH: usize = 6;

/// How long a code is good for.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Guesses that are judged, right or wrong, from whatever address. At 30 bits, five guesses at each
/// of five codes an hour find one code in 40 million hours.
pub const MOST_TRIES: u32 = 5;

/// Between a code and the next that is asked for.
pub const RESEND_AFTER: Duration = Duration::from_secs(60);

/// Codes for one purpose within [`WINDOW`]: to one address, or at the wish of one account.
pub const MOST_PER_WINDOW: u32 = 5;

/// See [`MOST_PER_WINDOW`].
pub const WINDOW: Duration = Duration::from_secs(60 * 60);

/// Where the last code for a purpose lies: with the address that it proves, or with the account that
/// asked for it.
#[derive(Clone, Debug)]
pub struct Slot {
    purpose: CodePurpose,
    holder: Holder,
}

#[derive(Clone, Debug)]
enum Holder {
    Address(EmailAddress),
    User(UserId),
}

impl Slot {
    /// Of an address: whoever reads its mail needs nothing else.
    pub fn of_address(purpose: CodePurpose, address: &EmailAddress) -> Self {
        Self { purpose, holder: Holder::Address(address.clone()) }
    }

    /// Of an account, to which the code adds an address.
    pub fn of_user(purpose: CodePurpose, user: &UserId) -> Self {
        Self { purpose, holder: Holder::User(user.clone()) }
    }

    /// The key of its row.
    pub fn key(&self) -> Key {
        keys::code(self.purpose, self.holder())
    }

    fn holder(&self) -> &str {
        match &self.holder {
            Holder::Address(address) => address.as_str(),
            Holder::User(user) => user.as_str(),
        }
    }

    fn mac_parts<'a>(&'a self, code: &'a Code) -> [&'a str; 4] {
        ["code", self.purpose.as_str(), self.holder(), code.reveal()]
    }
}

/// A code in the clear: in memory, and in the mail.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    fn generate(random: &dyn Random) -> Self {
        let letter = |_| char::from(ALPHABET[usize::from(random.below_power_of_two(32))]);
        Self(Zeroizing::new((0..LENGTH).map(letter).collect()))
    }

    /// Reads a code as people type it: any case, with spaces or hyphens between.
    pub fn parse(text: &str) -> Option<Self> {
        // Longer than any spaced-out code: not worth a look.
        if text.len() > 64 {
            return None;
        }
        let code: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '\t' | '\u{a0}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let known = code.len() == LENGTH && code.bytes().all(|b| ALPHABET.contains(&b));
        known.then(|| Self(Zeroizing::new(code)))
    }

    /// As it is written in the mail.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// The code that was last issued for an address, or only the note that one was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IssuedCode {
    purpose: CodePurpose,
    /// Where it was mailed to.
    address: EmailAddress,
    /// The account that it lies with, where that isn't the address.
    holder: Option<UserId>,
    /// Whose account it proves; `None` where nothing was mailed.
    user_id: Option<UserId>,
    /// Removed when the code is used.
    mac: Option<Mac>,
    /// Guesses judged so far.
    tries: u32,
    asked_at: Timestamp,
    expires_at: Timestamp,
    window_started_at: Timestamp,
    issued_in_window: u32,
    /// Counts every change: two who change the same row meet here. Whoever replaces it has seen every
    /// guess, and whether the code was used.
    revision: u64,
}

impl Record for IssuedCode {
    fn key(&self) -> Key {
        self.slot().key()
    }

    fn expires_at(&self) -> Option<i64> {
        let no_more_paced = self.asked_at.plus(RESEND_AFTER);
        let window_ends_at = self.window_started_at.plus(WINDOW);
        Some(self.expires_at.max(window_ends_at).max(no_more_paced).seconds())
    }
}

impl IssuedCode {
    /// Whether another may be asked for yet.
    pub fn may_resend(&self, now: Timestamp) -> bool {
        now >= self.asked_at.plus(RESEND_AFTER)
    }

    /// The same without the code: a row like the one of a code that was mailed, where none was.
    #[must_use]
    pub fn unusable(self) -> Self {
        Self { mac: None, user_id: None, ..self }
    }

    fn slot(&self) -> Slot {
        match &self.holder {
            Some(user) => Slot::of_user(self.purpose, user),
            None => Slot::of_address(self.purpose, &self.address),
        }
    }
}

/// Whether another code may be made: [`Error::RateLimited`] within [`RESEND_AFTER`] of the one before, and
/// after [`MOST_PER_WINDOW`].
pub fn ready(now: Timestamp, before: Option<&IssuedCode>) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    let window_ends_at = before.window_started_at.plus(WINDOW);
    if !before.may_resend(now) {
        Err(Error::rate_limited(now, before.asked_at.plus(RESEND_AFTER)))
    } else if before.issued_in_window >= MOST_PER_WINDOW && now < window_ends_at {
        Err(Error::rate_limited(now, window_ends_at))
    } else {
        Ok(())
    }
}

/// Makes a code that is mailed to `address`, in place of the one before.
/// [`Error::RateLimited`] after [`MOST_PER_WINDOW`].
pub fn issue(
    ctx: &Context,
    keyring: &Keyring,
    slot: &Slot,
    address: &EmailAddress,
    user: &UserId,
    before: Option<&IssuedCode>,
) -> Result<(Code, IssuedCode)> {
    let mut row = successor(ctx.now(), slot, address, before);
    if row.issued_in_window >= MOST_PER_WINDOW {
        return Err(Error::rate_limited(ctx.now(), row.window_started_at.plus(WINDOW)));
    }
    let code = Code::generate(&*ctx.random);
    row.mac = Some(keyring.mac(&slot.mac_parts(&code)));
    row.user_id = Some(user.clone());
    row.issued_in_window += 1;
    Ok((code, row))
}

/// The note that a code was asked for where none is mailed, so that asking again is paced alike. A
/// code that was mailed before stays good.
pub fn note_request(
    ctx: &Context,
    slot: &Slot,
    address: &EmailAddress,
    before: Option<&IssuedCode>,
) -> IssuedCode {
    let now = ctx.now();
    match before {
        Some(before) => {
            IssuedCode { asked_at: now, revision: before.revision + 1, ..before.clone() }
        }
        None => successor(now, slot, address, None),
    }
}

fn successor(
    now: Timestamp,
    slot: &Slot,
    address: &EmailAddress,
    before: Option<&IssuedCode>,
) -> IssuedCode {
    let window = before
        .filter(|before| now < before.window_started_at.plus(WINDOW))
        .map(|before| (before.window_started_at, before.issued_in_window));
    let (window_started_at, issued_in_window) = window.unwrap_or((now, 0));
    IssuedCode {
        purpose: slot.purpose,
        address: address.clone(),
        holder: match &slot.holder {
            Holder::Address(_) => None,
            Holder::User(user) => Some(user.clone()),
        },
        user_id: None,
        mac: None,
        tries: 0,
        asked_at: now,
        expires_at: now.plus(LIFETIME),
        window_started_at,
        issued_in_window,
        revision: before.map_or(0, |before| before.revision + 1),
    }
}

/// Adds the row to a change; [`Error::Conflict`] if somebody replaced `before` meanwhile.
pub fn put(tx: &mut Tx<'_>, row: &IssuedCode, before: Option<&IssuedCode>) -> Result<()> {
    let unchanged = match before {
        None => Condition::Absent,
        Some(before) => Condition::equal("revision", before.revision)?,
    };
    tx.put(row, unchanged, Error::Conflict)
}

/// The proof that whoever asks reads the mail of an address. Spent by [`Proven::spend`].
#[derive(Debug)]
pub struct Proven {
    row: IssuedCode,
    mac: Mac,
    /// Whose account it is.
    pub user_id: UserId,
}

/// Judges a guess. The guess is counted before it is looked at: however many come at once, no more
/// than [`MOST_TRIES`] are ever compared.
pub async fn judge(ctx: &Context, slot: &Slot, guess: Option<&Code>) -> Result<Proven> {
    let row = retry_conflicts(ctx, || count_try(ctx, slot)).await?;
    let (Some(mac), Some(user_id), Some(guess)) = (&row.mac, &row.user_id, guess) else {
        return Err(Error::InvalidCode);
    };
    let keyring = ctx.secrets.keyring().await;
    if !keyring.mac_matches(mac, &slot.mac_parts(guess)) {
        return Err(Error::InvalidCode);
    }
    Ok(Proven { mac: mac.clone(), user_id: user_id.clone(), row })
}

/// Counts a guess if the code may still be guessed.
async fn count_try(ctx: &Context, slot: &Slot) -> Result<IssuedCode> {
    let may_be_guessed = Condition::All(vec![
        Condition::Present("mac"),
        Condition::less("tries", MOST_TRIES)?,
        Condition::greater("expires_at", ctx.now())?,
    ]);
    let count = Update::new(slot.key()).add("tries", 1).add("revision", 1);
    ctx.table.update(count.only_if(may_be_guessed)).await?.ok_or(Error::InvalidCode)
}

impl Proven {
    /// The address that is proven.
    pub fn address(&self) -> &EmailAddress {
        &self.row.address
    }

    /// Uses the code up as part of the change that it was for; [`Error::InvalidCode`] if another
    /// request used it first or a new code took its place.
    pub fn spend(&self, tx: &mut Tx<'_>) -> Result<()> {
        let unspent = Condition::equal("mac", &self.mac)?;
        let spend = Update::new(self.row.key()).remove("mac").add("revision", 1).only_if(unspent);
        tx.update(spend, Error::InvalidCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["ABC234", "abc234", " abc 234 ", "Abc-234"] {
            assert_eq!(Code::parse(typed).unwrap().reveal(), "ABC234");
        }
        for not in ["", "ABC23", "ABC2345", "ABC10O", "ÄBC234", "ABC23\u{0}"] {
            assert!(Code::parse(not).is_none(), "{not}");
        }
    }

    #[test]
    fn generated_codes_use_the_whole_alphabet() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let code = Code::generate(&SystemRandom);
            assert!(Code::parse(code.reveal()).is_some());
            seen.extend(code.reveal().bytes());
        }
        assert_eq!(seen.len(), 32);
    }

    #[test]
    fn a_code_is_not_printed() {
        assert_eq!(format!("{:?}", Code::parse("ABC234").unwrap()), "Code(…)");
    }

    proptest! {
        #[test]
        fn any_text_parses_or_not_without_trouble(text in "\\PC{0,80}") {
            let _ = Code::parse(&text);
        }
    }
}

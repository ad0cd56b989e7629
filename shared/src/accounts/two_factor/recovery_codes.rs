//! Recovery codes replace a lost authenticator. A user gets ten, and each is valid once.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::ids::UserId;
use crate::random::Random;
use crate::secrets::{AccountKeys, Mac};

/// Number of recovery codes per user.
pub(super) const RECOVERY_CODE_COUNT: usize = 10;

/// Number of characters in a code. With 32 possible characters each they carry 80 bits.
const CODE_LEN: usize = 16;

/// 32 letters and digits, without those that look alike (0/O, 1/I), as in mailed codes.
const ALPHABET: &[u8; 32] = b"abcdefghjklmnpqrstuvwxyz23456789";

/// A recovery code in plain text. It is never printed, and wiped from memory after use.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    fn generate(random: &dyn Random) -> Self {
        let letter = |_| char::from(ALPHABET[usize::from(random.below_power_of_two(32))]);
        Self(Zeroizing::new((0..CODE_LEN).map(letter).collect()))
    }

    /// Parses a code in any case, without spaces and hyphens.
    pub(super) fn parse(bare: &str) -> Option<Self> {
        let code = Zeroizing::new(bare.to_ascii_lowercase());
        let known = code.len() == CODE_LEN && code.bytes().all(|b| ALPHABET.contains(&b));
        known.then_some(Self(code))
    }

    /// Formats the code for its owner: `abcd-efgh-jklm-npqr`.
    fn to_display(&self) -> String {
        let groups: Vec<_> = self.0.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        groups.join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// The MACs of a user's unused recovery codes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct RecoveryCodeHashes(Vec<Mac>);

impl RecoveryCodeHashes {
    /// Generates new codes. Also returns them in plain text, which is not stored.
    pub(super) fn generate(
        ctx: &Context,
        keys: &AccountKeys,
        user: &UserId,
    ) -> (Self, Vec<String>) {
        let codes: Vec<_> =
            (0..RECOVERY_CODE_COUNT).map(|_| RecoveryCode::generate(&*ctx.random)).collect();
        let macs = codes.iter().map(|code| keys.storage.mac(&mac_parts(user, code)));
        (Self(macs.collect()), codes.iter().map(RecoveryCode::to_display).collect())
    }

    /// Returns no codes.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Returns the number of unused codes.
    pub(super) fn count_left(&self) -> usize {
        self.0.len()
    }

    /// Returns the codes without the given one, or `None` if it is not among them.
    pub(super) fn without_code(
        &self,
        keys: &AccountKeys,
        user: &UserId,
        code: &RecoveryCode,
    ) -> Option<Self> {
        let used =
            self.0.iter().position(|mac| keys.storage.mac_matches(mac, &mac_parts(user, code)))?;
        let mut left = self.0.clone();
        left.remove(used);
        Some(Self(left))
    }
}

fn mac_parts<'a>(user: &'a UserId, code: &'a RecoveryCode) -> [&'a str; 3] {
    ["recovery", user.as_str(), &code.0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use crate::secrets::Keyring;

    #[test]
    fn a_code_is_valid_once_and_for_its_user_only() {
        let ring =
            Keyring::from_document(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap();
        let (ada, eve) = (UserId::generate(&SystemRandom), UserId::generate(&SystemRandom));
        let code = RecoveryCode::generate(&SystemRandom);
        let typed = RecoveryCode::parse(&code.to_display().replace('-', "").to_uppercase());
        let codes = RecoveryCodeHashes(vec![ring.mac(&mac_parts(&ada, &code))]);
        let left = codes.without_code(ring.account().unwrap(), &ada, &typed.unwrap()).unwrap();
        assert_eq!(left.count_left(), 0);
        assert!(left.without_code(ring.account().unwrap(), &ada, &code).is_none());
        // The MAC binds the code to its user, even if a row is copied to another user.
        assert!(codes.without_code(ring.account().unwrap(), &eve, &code).is_none());
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }
}

//! Recovery codes: ten, each good once, for when the authenticator is lost.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::ids::UserId;
use crate::random::Random;
use crate::secrets::{Keyring, Mac};

/// How many a person gets.
pub(super) const COUNT: usize = 10;

/// Characters of a code, out of 32 each: 80 bits.
const LENGTH: usize = 16;

/// Without letters and digits that look alike (0/O, 1/I), as in the mailed codes.
const ALPHABET: &[u8; 32] = b"abcdefghjklmnpqrstuvwxyz23456789";

/// A recovery code in the clear. Never printed, wiped from memory after use.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    fn generate(random: &dyn Random) -> Self {
        let letter = |_| char::from(ALPHABET[usize::from(random.below_power_of_two(32))]);
        Self(Zeroizing::new((0..LENGTH).map(letter).collect()))
    }

    /// Reads a code without its spaces and hyphens, in any case.
    pub(super) fn parse(bare: &str) -> Option<Self> {
        let code = Zeroizing::new(bare.to_ascii_lowercase());
        let known = code.len() == LENGTH && code.bytes().all(|b| ALPHABET.contains(&b));
        known.then_some(Self(code))
    }

    /// As its owner writes it down: `abcd-efgh-jklm-npqr`.
    fn for_people(&self) -> String {
        let groups: Vec<_> = self.0.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        groups.join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// The codes that are left, as keyed fingerprints.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct RecoveryCodes(Vec<Mac>);

impl RecoveryCodes {
    /// New ones, and how their owner sees them: this once.
    pub(super) fn generate(ctx: &Context, keyring: &Keyring, user: &UserId) -> (Self, Vec<String>) {
        let codes: Vec<_> = (0..COUNT).map(|_| RecoveryCode::generate(&*ctx.random)).collect();
        let macs = codes.iter().map(|code| keyring.mac(&parts(user, code)));
        (Self(macs.collect()), codes.iter().map(RecoveryCode::for_people).collect())
    }

    /// How many are left.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    /// The codes without that one; `None` where it isn't among them.
    pub(super) fn without(
        &self,
        keyring: &Keyring,
        user: &UserId,
        code: &RecoveryCode,
    ) -> Option<Self> {
        let used = self.0.iter().position(|mac| keyring.mac_matches(mac, &parts(user, code)))?;
        let mut left = self.0.clone();
        left.remove(used);
        Some(Self(left))
    }
}

fn parts<'a>(user: &'a UserId, code: &'a RecoveryCode) -> [&'a str; 3] {
    ["recovery", user.as_str(), &code.0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_code_counts_for_its_user_and_once() {
        let ring = Keyring::parse(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap();
        let (ada, eve) = (UserId::generate(&SystemRandom), UserId::generate(&SystemRandom));
        let code = RecoveryCode::generate(&SystemRandom);
        let typed = RecoveryCode::parse(&code.for_people().replace('-', "").to_uppercase());
        let codes = RecoveryCodes(vec![ring.mac(&parts(&ada, &code))]);
        let left = codes.without(&ring, &ada, &typed.unwrap()).unwrap();
        assert_eq!(left.left(), 0);
        assert!(left.without(&ring, &ada, &code).is_none());
        // Not even in a row that somebody moved.
        assert!(codes.without(&ring, &eve, &code).is_none());
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }
}

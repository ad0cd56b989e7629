//! One-time tokens of an account: for a sign-in that still needs its second factor, for a link in a
//! mail. The token names the account, so that its row lies with the account's others and goes with
//! them.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::UserId;
use crate::random::Random;

/// Random bytes of a token.
const SECRET_BYTES: usize = 32;

/// Between the account and the secret.
const SEPARATOR: char = '.';

/// A token in the clear. Never printed, wiped from memory after use.
pub(super) struct OneTimeToken {
    text: Zeroizing<String>,
    user_id: UserId,
}

impl OneTimeToken {
    /// A new token of that account.
    pub(super) fn generate(random: &dyn Random, user_id: &UserId) -> Self {
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        let secret = Zeroizing::new(BASE64URL_NOPAD.encode(secret.as_slice()));
        let text = format!("{user_id}{SEPARATOR}{}", secret.as_str());
        Self { text: Zeroizing::new(text), user_id: user_id.clone() }
    }

    /// Reads a token from outside; `None` where it can't be one of ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (user_id, secret) = text.split_once(SEPARATOR)?;
        let user_id = UserId::parse(user_id)?;
        let secret = Zeroizing::new(BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?);
        (secret.len() == SECRET_BYTES)
            .then(|| Self { text: Zeroizing::new(text.to_owned()), user_id })
    }

    /// Whose it is.
    pub(super) fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The text for whom it is meant.
    pub(super) fn reveal(&self) -> &str {
        &self.text
    }

    /// What is stored instead: its SHA-256. 256 random bits need no salt and no slow hash.
    pub(super) fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.text.as_bytes()))
    }
}

impl fmt::Debug for OneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_token_is_read_back_and_never_printed() {
        let user = UserId::generate(&SystemRandom);
        let token = OneTimeToken::generate(&SystemRandom, &user);
        let read = OneTimeToken::parse(token.reveal()).unwrap();
        assert_eq!((read.user_id(), read.hash()), (&user, token.hash()));
        assert_eq!(format!("{token:?}"), "OneTimeToken(…)");
        let other = OneTimeToken::generate(&SystemRandom, &user);
        assert_ne!(other.hash(), token.hash());
        for bad in ["", ".", "usr_x.AAAA", &token.reveal()[..40], &format!("{}A", token.reveal())] {
            assert!(OneTimeToken::parse(bad).is_none(), "{bad}");
        }
    }
}

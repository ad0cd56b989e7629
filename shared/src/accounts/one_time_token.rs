//! One-time tokens of an account, for sign-ins that wait for the second factor and for links in mails.
//!
//! The token contains the user id, so that its row lies in the account's partition and is erased with it.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::UserId;
use crate::random::Random;

/// Number of random bytes in a token.
const SECRET_BYTES: usize = 32;

/// Separates the user id from the secret.
const SEPARATOR: char = '.';

/// A token in plain text. It is never printed, and wiped from memory after use.
pub(super) struct OneTimeToken {
    text: Zeroizing<String>,
    user_id: UserId,
}

impl OneTimeToken {
    /// Generates a token for an account.
    pub(super) fn generate(random: &dyn Random, user_id: &UserId) -> Self {
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        let secret = Zeroizing::new(BASE64URL_NOPAD.encode(secret.as_slice()));
        let text = format!("{user_id}{SEPARATOR}{}", secret.as_str());
        Self { text: Zeroizing::new(text), user_id: user_id.clone() }
    }

    /// Parses a token from a request. Returns `None` if it is malformed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (user_id, secret) = text.split_once(SEPARATOR)?;
        let user_id = UserId::parse(user_id)?;
        let secret = Zeroizing::new(BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?);
        (secret.len() == SECRET_BYTES)
            .then(|| Self { text: Zeroizing::new(text.to_owned()), user_id })
    }

    /// Returns the id of the account that the token is for.
    pub(super) fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Returns the token in plain text.
    pub(super) fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the SHA-256 of the token, which is stored in its place. A secret of 256 random bits needs
    /// neither a salt nor a slow hash.
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
    fn a_token_parses_back_and_debug_output_hides_it() {
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

//! The token that recognizes the browser of a registration when its address is verified.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::random::Random;

/// Number of random bytes in a token.
const SECRET_BYTES: usize = 32;

/// A token that the browser of a registration keeps in a cookie. It proves that a person who enters the
/// mailed code also chose the password. It is never printed, and wiped from memory after use.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct RegistrationToken(Zeroizing<String>);

impl RegistrationToken {
    /// Generates a token.
    pub(super) fn generate(random: &dyn Random) -> Self {
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(secret.as_slice())))
    }

    /// Parses a token from a cookie. Returns `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let secret = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        (secret.len() == SECRET_BYTES).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// Returns the token in plain text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 of the token, which is stored in its place. A secret of 256 random bits needs
    /// neither a salt nor a slow hash.
    pub(super) fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()))
    }
}

impl From<String> for RegistrationToken {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<RegistrationToken> for String {
    fn from(token: RegistrationToken) -> Self {
        token.reveal().to_owned()
    }
}

impl fmt::Debug for RegistrationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrationToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_token_parses_back_and_debug_output_hides_it() {
        let token = RegistrationToken::generate(&SystemRandom);
        let read = RegistrationToken::parse(token.reveal()).unwrap();
        assert_eq!(read.hash(), token.hash());
        assert_eq!(format!("{token:?}"), "RegistrationToken(…)");
        assert_ne!(RegistrationToken::generate(&SystemRandom).hash(), token.hash());
        for bad in ["", "AAAA", &token.reveal()[1..], &format!("{}A", token.reveal())] {
            assert!(RegistrationToken::parse(bad).is_none(), "{bad}");
        }
    }
}

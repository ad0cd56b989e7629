//! A token's value, in the clear and hashed.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::random::Random;

/// What every token starts with: recognizable for secret scanners.
const PREFIX: &str = "aius_";

/// Random bytes of a token.
const SECRET_BYTES: usize = 32;

/// A token in the clear: `aius_` and base64url of 32 random bytes and their CRC-32. The checksum
/// lets a mistyped or made-up token be refused without asking the table. Never printed, wiped from
/// memory after use.
pub struct PlainToken(Zeroizing<String>);

impl PlainToken {
    /// A new token.
    pub fn generate(random: &dyn Random) -> Self {
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        let checked = Zeroizing::new([secret.as_slice(), &checksum(secret.as_slice())].concat());
        Self(Zeroizing::new(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&checked))))
    }

    /// Reads a token from outside; `None` where it can't be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let checked = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let (secret, sum) = checked.split_at_checked(SECRET_BYTES)?;
        (sum == checksum(secret)).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text for its owner to keep.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored instead. 256 random bits need no salt and no slow hash.
    pub fn hash(&self) -> HashedToken {
        HashedToken(HEXLOWER.encode(&Sha256::digest(self.0.as_bytes())))
    }
}

fn checksum(secret: &[u8]) -> [u8; 4] {
    crc32fast::hash(secret).to_be_bytes()
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(…)")
    }
}

/// The SHA-256 of a token, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HashedToken(String);

impl HashedToken {
    /// As it stands in the key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    #[test]
    fn a_generated_token_parses_and_hashes_alike() {
        let token = PlainToken::generate(&SystemRandom);
        assert_eq!(token.reveal().len(), PREFIX.len() + 48);
        assert_eq!(PlainToken::parse(token.reveal()).unwrap().hash(), token.hash());
        assert!(!format!("{token:?}").contains("aius_"));
    }

    #[test]
    fn one_wrong_character_is_noticed() {
        let token = PlainToken::generate(&SystemRandom);
        for at in PREFIX.len()..token.reveal().len() {
            let mut typed = token.reveal().to_owned().into_bytes();
            typed[at] = if typed[at] == b'A' { b'B' } else { b'A' };
            assert!(PlainToken::parse(std::str::from_utf8(&typed).unwrap()).is_none());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_trouble(text in "(aius_)?[A-Za-z0-9_-]{0,60}|\\PC{0,60}") {
            prop_assert!(PlainToken::parse(&text).is_none());
        }
    }
}

//! A token's value, in the clear and hashed.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::{OrganizationId, UserId};
use crate::random::Random;
use crate::values::TokenHolder;

/// What every token starts with: recognizable for secret scanners.
const PREFIX: &str = "aius_";

/// Random bytes of a token.
const SECRET_BYTES: usize = 32;

/// Bytes behind the prefix: the kind, the holder, the number, the secret, the checksum.
const BYTES: usize = 1 + 16 + 4 + SECRET_BYTES + 4;

/// Characters at a token's end that are kept readable, of the 54 that its secret and checksum take.
const ENDING: usize = 4;

const OF_A_USER: u8 = 1;
const OF_A_CLIENT: u8 = 2;

/// A token in the clear: `aius_` and base64url of whose it is, its number, 32 random bytes and a CRC-32.
///
/// It names its row, so that the token and its holder are found in one read. The checksum lets a
/// mistyped or made-up token be refused without asking the table. Never printed, wiped from memory
/// after use.
pub struct PlainToken {
    text: Zeroizing<String>,
    holder: TokenHolder,
    number: u32,
}

impl PlainToken {
    /// A new value for that token.
    pub fn generate(random: &dyn Random, holder: TokenHolder, number: u32) -> Self {
        let (kind, id) = match &holder {
            TokenHolder::User(user) => (OF_A_USER, user.to_bits()),
            TokenHolder::Organization(organization) => (OF_A_CLIENT, organization.to_bits()),
        };
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.push(kind);
        bytes.extend(id);
        bytes.extend(number.to_be_bytes());
        bytes.extend(secret.as_slice());
        let sum = checksum(&bytes);
        bytes.extend(sum);
        let text = Zeroizing::new(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)));
        Self { text, holder, number }
    }

    /// Reads a token from outside; `None` where it can't be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let bytes: Zeroizing<[u8; BYTES]> = Zeroizing::new(bytes.try_into().ok()?);
        let (checked, sum) = bytes.split_last_chunk()?;
        if *sum != checksum(checked) {
            return None;
        }
        let (kind, rest) = checked.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (number, _secret) = rest.split_first_chunk()?;
        let holder = match *kind {
            OF_A_USER => TokenHolder::User(UserId::from_bits(id)),
            OF_A_CLIENT => TokenHolder::Organization(OrganizationId::from_bits(id)),
            _ => return None,
        };
        let number = u32::from_be_bytes(*number);
        Some(Self { text: Zeroizing::new(text.to_owned()), holder, number })
    }

    /// As whom it claims to act.
    pub fn holder(&self) -> &TokenHolder {
        &self.holder
    }

    /// Which of the holder's tokens it claims to be.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The text for its owner to keep.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The characters that tell it from others of its holder, and are worth nothing.
    pub fn ending(&self) -> String {
        self.text[self.text.len() - ENDING..].to_owned()
    }

    /// What is stored instead. 256 random bits need no salt and no slow hash.
    pub fn hash(&self) -> HashedToken {
        HashedToken(HEXLOWER.encode(&Sha256::digest(self.text.as_bytes())))
    }
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    crc32fast::hash(bytes).to_be_bytes()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    fn token() -> PlainToken {
        let holder = TokenHolder::User(UserId::generate(&SystemRandom));
        PlainToken::generate(&SystemRandom, holder, 42)
    }

    #[test]
    fn a_generated_token_parses_and_hashes_alike() {
        let key = TokenHolder::Organization(OrganizationId::generate(&SystemRandom));
        for token in [token(), PlainToken::generate(&SystemRandom, key, u32::MAX)] {
            assert_eq!(token.reveal().len(), PREFIX.len() + 76);
            let read = PlainToken::parse(token.reveal()).unwrap();
            assert_eq!((read.holder(), read.number()), (token.holder(), token.number()));
            assert_eq!(read.hash(), token.hash());
            assert!(token.reveal().ends_with(&token.ending()));
            assert!(!format!("{token:?}").contains("aius_"));
        }
    }

    #[test]
    fn two_values_of_one_token_have_nothing_secret_in_common() {
        let holder = TokenHolder::User(UserId::generate(&SystemRandom));
        let one = PlainToken::generate(&SystemRandom, holder.clone(), 1);
        let other = PlainToken::generate(&SystemRandom, holder, 1);
        let secret = |token: &PlainToken| token.reveal()[PREFIX.len() + 28..].to_owned();
        assert_eq!(secret(&one).len(), 48);
        assert_ne!(secret(&one), secret(&other));
        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn one_wrong_character_is_noticed() {
        let token = token();
        for at in PREFIX.len()..token.reveal().len() {
            let mut typed = token.reveal().to_owned().into_bytes();
            typed[at] = if typed[at] == b'A' { b'B' } else { b'A' };
            assert!(PlainToken::parse(std::str::from_utf8(&typed).unwrap()).is_none());
        }
        for cut in 0..token.reveal().len() {
            assert!(PlainToken::parse(&token.reveal()[..cut]).is_none());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_trouble(text in "(aius_)?[A-Za-z0-9_-]{0,90}|\\PC{0,90}") {
            prop_assert!(PlainToken::parse(&text).is_none());
        }
    }
}

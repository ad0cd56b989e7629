//! The plain text of a bearer token, and its hash.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::{OrganizationId, UserId};
use crate::random::Random;
use crate::values::TokenHolder;

/// The prefix of every token, by which secret scanners recognize it.
const PREFIX: &str = "aius_";

/// Number of random bytes in a token.
const SECRET_LEN: usize = 32;

/// Length of a token in bytes without its prefix: kind, holder id, number, secret and checksum.
const TOKEN_LEN: usize = 1 + 16 + 4 + SECRET_LEN + 4;

/// Number of characters that stay readable, of the 54 that encode the secret and the checksum.
const ENDING_LEN: usize = 4;

/// Characters behind the prefix that encode kind, holder id and number, which are 21 bytes.
const BEGINNING_LEN: usize = 28;

/// The kind byte of a personal token.
const USER_TOKEN: u8 = 1;
/// The kind byte of an API key.
const ORGANIZATION_KEY: u8 = 2;

/// A plain-text token: `aius_`, then base64url of kind, holder id, number, 32 random bytes and a CRC-32.
///
/// The holder and the number name the row, so the token and its holder are found in one read. The
/// checksum lets mistyped tokens be refused without a read. The text is never printed, and is wiped
/// from memory after use.
pub struct PlainToken {
    text: Zeroizing<String>,
    holder: TokenHolder,
    number: u32,
}

impl PlainToken {
    /// Generates a new plain text for a token.
    pub fn generate(random: &dyn Random, holder: TokenHolder, number: u32) -> Self {
        let (kind, id) = match &holder {
            TokenHolder::User(user) => (USER_TOKEN, user.to_bits()),
            TokenHolder::Organization(organization) => (ORGANIZATION_KEY, organization.to_bits()),
        };
        let secret: Zeroizing<[u8; SECRET_LEN]> = Zeroizing::new(random.bytes());
        let mut bytes = Zeroizing::new(Vec::with_capacity(TOKEN_LEN));
        bytes.push(kind);
        bytes.extend(id);
        bytes.extend(number.to_be_bytes());
        bytes.extend(secret.as_slice());
        let sum = checksum(&bytes);
        bytes.extend(sum);
        let text = Zeroizing::new(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)));
        Self { text, holder, number }
    }

    /// Parses a received token. Returns `None` if the format or the checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let bytes: Zeroizing<[u8; TOKEN_LEN]> = Zeroizing::new(bytes.try_into().ok()?);
        let (checked, sum) = bytes.split_last_chunk()?;
        if *sum != checksum(checked) {
            return None;
        }
        let (kind, rest) = checked.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (number, _secret) = rest.split_first_chunk()?;
        let holder = match *kind {
            USER_TOKEN => TokenHolder::User(UserId::from_bits(id)),
            ORGANIZATION_KEY => TokenHolder::Organization(OrganizationId::from_bits(id)),
            _ => return None,
        };
        let number = u32::from_be_bytes(*number);
        Some(Self { text: Zeroizing::new(text.to_owned()), holder, number })
    }

    /// Parses the beginning of a token, which names its holder and its number: at least 33 characters. The rest is not
    /// checked, so anybody can make one.
    pub fn parse_beginning(text: &str) -> Option<(TokenHolder, u32)> {
        let beginning = text.strip_prefix(PREFIX)?.get(..BEGINNING_LEN)?;
        let bytes = BASE64URL_NOPAD.decode(beginning.as_bytes()).ok()?;
        let (kind, rest) = bytes.split_first()?;
        let (id, number) = rest.split_first_chunk()?;
        let holder = match *kind {
            USER_TOKEN => TokenHolder::User(UserId::from_bits(id)),
            ORGANIZATION_KEY => TokenHolder::Organization(OrganizationId::from_bits(id)),
            _ => return None,
        };
        Some((holder, u32::from_be_bytes(number.try_into().ok()?)))
    }

    /// Returns the account or organization that the token claims to act as.
    pub fn holder(&self) -> &TokenHolder {
        &self.holder
    }

    /// Returns the number that the token claims to have within its holder.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the plain text, to be shown to its owner.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the last characters, which distinguish tokens of a holder and are useless to an attacker.
    pub fn ending(&self) -> String {
        self.text[self.text.len() - ENDING_LEN..].to_owned()
    }

    /// Returns the hash to store. A token of 256 random bits needs no salt and no slow hash.
    pub fn hash(&self) -> TokenHash {
        TokenHash(HEXLOWER.encode(&Sha256::digest(self.text.as_bytes())))
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

/// The SHA-256 hash of a token, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(String);

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
    fn a_generated_token_parses_to_the_same_hash() {
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
    fn two_values_of_one_token_share_no_secret() {
        let holder = TokenHolder::User(UserId::generate(&SystemRandom));
        let one = PlainToken::generate(&SystemRandom, holder.clone(), 1);
        let other = PlainToken::generate(&SystemRandom, holder, 1);
        let secret = |token: &PlainToken| token.reveal()[PREFIX.len() + 28..].to_owned();
        assert_eq!(secret(&one).len(), 48);
        assert_ne!(secret(&one), secret(&other));
        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn one_wrong_character_is_refused() {
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
        fn arbitrary_text_is_refused(text in "(aius_)?[A-Za-z0-9_-]{0,90}|\\PC{0,90}") {
            prop_assert!(PlainToken::parse(&text).is_none());
        }
    }
}

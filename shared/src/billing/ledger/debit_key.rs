//! The key under which a debit is made once.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// Length of the hash in bytes. Two idempotency keys of a caller with the same hash take about 2^64 tries to find, and
/// would only make the caller's second debit count as a repetition of the first.
const HASH_LEN: usize = 16;

/// The key of a debit: a hash of the caller's idempotency key in base64url. The idempotency key itself is not stored,
/// because it may hold any characters and private data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitKey(String);

impl DebitKey {
    /// Makes the key of a debit from the caller's idempotency key.
    pub fn new(idempotency_key: &str) -> Self {
        Self(BASE64URL_NOPAD.encode(&Sha256::digest(idempotency_key)[..HASH_LEN]))
    }

    /// Takes a key as it is stored.
    pub(super) fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DebitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

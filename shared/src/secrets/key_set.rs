//! The keys of one purpose, derived from a secret.

use std::fmt;

use hkdf::Hkdf;
use serde::Deserialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Id of the key that is derived from the seed.
const SEED_KEY_ID: &str = "seed";

/// Minimum characters of a seed and of the secret of a key. So many of a generated password have more than 128 bits of
/// entropy.
const MIN_SECRET_LEN: usize = 32;

/// Id of a key: 1–8 characters of `a-z0-9-`. A PHC string's `keyid` has at most 8 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyId(String);

impl KeyId {
    fn parse(text: String) -> Result<Self> {
        let fits = (1..=8).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits {
            Ok(Self(text))
        } else {
            Err(Error::internal("a kid in the secret is not 1-8 characters of a-z, 0-9 and -"))
        }
    }

    /// Returns the id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A 256-bit key with its id. Its `Debug` output hides the key.
#[derive(Clone)]
pub(crate) struct SecretKey {
    kid: KeyId,
    bytes: Zeroizing<[u8; 32]>,
}

impl SecretKey {
    /// Returns the id of the key.
    pub(crate) fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// Returns the value of the key.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.kid.0)
    }
}

/// The keys of one purpose. The first creates new values, and all read existing ones.
#[derive(Clone, Debug)]
pub(crate) struct KeySet(Vec<SecretKey>);

impl KeySet {
    /// Returns the key that creates new values.
    pub(crate) fn active(&self) -> &SecretKey {
        // `KeySet::derive` rejects an empty list.
        &self.0[0]
    }

    /// Derives the keys of one purpose. Without a list, the only key is derived from the seed.
    ///
    /// # Errors
    ///
    /// * An internal error if seed or list is invalid. It never quotes them.
    pub(super) fn derive(
        seed: &str,
        entries: Option<Vec<KeyEntry>>,
        purpose: &str,
    ) -> Result<Self> {
        if seed.len() < MIN_SECRET_LEN {
            let cause = format!("a secret's seed is shorter than {MIN_SECRET_LEN} characters");
            return Err(Error::internal(cause));
        }
        let entries =
            entries.unwrap_or_else(|| vec![KeyEntry { kid: SEED_KEY_ID.to_owned(), secret: None }]);
        if entries.is_empty() {
            return Err(Error::internal("a list of keys in the secret is empty"));
        }
        let keys = entries.into_iter().map(|entry| {
            let material = match &entry.secret {
                Some(secret) if secret.len() >= MIN_SECRET_LEN => secret.as_bytes(),
                Some(_) => {
                    return Err(Error::internal(format!(
                        "a key in the secret is shorter than {MIN_SECRET_LEN} characters"
                    )));
                }
                None if entry.kid == SEED_KEY_ID => seed.as_bytes(),
                None => {
                    return Err(Error::internal("only the entry named seed may have no secret"));
                }
            };
            // HKDF (RFC 5869) derives a uniform 256-bit key, which differs by purpose. The same secret may therefore be
            // in several lists.
            let mut bytes = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, material)
                .expand(purpose.as_bytes(), bytes.as_mut())
                .map_err(|_| Error::internal("HKDF refused 32 bytes"))?;
            Ok(SecretKey { kid: KeyId::parse(entry.kid)?, bytes })
        });
        Ok(Self(keys.collect::<Result<_>>()?))
    }

    /// Returns all keys, the active one first.
    pub(crate) fn all(&self) -> &[SecretKey] {
        &self.0
    }

    /// Finds a key by its id.
    pub(crate) fn find(&self, kid: &str) -> Option<&SecretKey> {
        self.0.iter().find(|key| key.kid.0 == kid)
    }
}

/// An entry of a list of keys in a secret's JSON document.
#[derive(Clone, Deserialize)]
pub(super) struct KeyEntry {
    kid: String,
    secret: Option<String>,
}

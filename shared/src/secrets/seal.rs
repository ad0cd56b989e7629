//! Authenticated encryption (AES-256-GCM) of values that are stored and read again.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::key_set::SecretKey;
use super::keyring::{Keyring, StorageKeys};
use crate::error::{Error, Result};
use crate::random::Random;

/// Size of a nonce, as NIST SP 800-38D recommends. Nonces are random, which is safe for fewer than 2^32 values per
/// key.
const NONCE_LEN: usize = 12;

/// An encrypted value with the id of its key, as stored: `kid.base64url(nonce ‖ ciphertext ‖ tag)`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Returns the stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Wraps a text from outside. Only [`StorageKeys::open`] shows whether it is an encrypted value.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl StorageKeys {
    /// Encrypts `plain` with the associated data `aad`, which names the kind and the owner of the value. Only the same
    /// `aad` decrypts it, so a value that is copied to another row is useless.
    ///
    /// # Errors
    ///
    /// * An internal error if the cipher fails.
    pub fn seal(&self, random: &dyn Random, aad: &str, plain: &[u8]) -> Result<Sealed> {
        let key = self.encryption.active();
        let nonce: [u8; NONCE_LEN] = random.bytes();
        let sealed = cipher(key)
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: aad.as_bytes() })
            .map_err(|_| Error::internal("AES-GCM refused to encrypt"))?;
        let body = [nonce.as_slice(), &sealed].concat();
        Ok(Sealed(format!("{}.{}", key.kid().as_str(), BASE64URL_NOPAD.encode(&body))))
    }

    /// Decrypts a value. Returns `None` if it was not encrypted with a known key and the same `aad`.
    pub fn open(&self, aad: &str, sealed: &Sealed) -> Option<Vec<u8>> {
        let (kid, body) = sealed.0.split_once('.')?;
        let body = BASE64URL_NOPAD.decode(body.as_bytes()).ok()?;
        let (nonce, message) = body.split_first_chunk::<NONCE_LEN>()?;
        cipher(self.encryption.find(kid)?)
            .decrypt(&Nonce::from(*nonce), Payload { msg: message, aad: aad.as_bytes() })
            .ok()
    }
}

impl Keyring {
    /// Does the same as [`StorageKeys::seal`], with the keys of every function.
    ///
    /// # Errors
    ///
    /// * The errors of [`StorageKeys::seal`].
    pub fn seal(&self, random: &dyn Random, aad: &str, plain: &[u8]) -> Result<Sealed> {
        self.storage.seal(random, aad, plain)
    }

    /// Does the same as [`StorageKeys::open`], with the keys of every function.
    pub fn open(&self, aad: &str, sealed: &Sealed) -> Option<Vec<u8>> {
        self.storage.open(aad, sealed)
    }
}

fn cipher(key: &SecretKey) -> Aes256Gcm {
    Aes256Gcm::new(key.bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    fn ring() -> Keyring {
        Keyring::from_document(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap()
    }

    #[test]
    fn a_value_opens_only_with_its_associated_data() {
        let sealed = ring().seal(&SystemRandom, "here", b"text").unwrap();
        assert_eq!(ring().open("here", &sealed).unwrap(), b"text");
        assert!(ring().open("there", &sealed).is_none());
    }

    proptest! {
        #[test]
        fn text_from_outside_never_opens(text in "\\PC{0,80}") {
            prop_assert!(ring().open("here", &Sealed::from_text(&text)).is_none());
        }
    }
}

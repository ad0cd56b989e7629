//! Authenticated encryption (AES-256-GCM) of what has to be stored and read again.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::keyring::{Key, Keyring};
use crate::error::{Error, Result};
use crate::random::Random;

/// 96 bits, the size that NIST SP 800-38D recommends; random, since far fewer than 2^32 things are
/// sealed with one key between two rotations.
const NONCE_BYTES: usize = 12;

/// Ciphertext with the name of its key, as stored: `kid.base64url(nonce ‖ ciphertext ‖ tag)`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes text that claims to be sealed; opening it shows whether it is.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl Keyring {
    /// Encrypts `plain`. Only the same `place` (the associated data: what it is and whose) opens it,
    /// so that a sealed value copied to another row is worth nothing.
    pub fn seal(&self, random: &dyn Random, place: &str, plain: &[u8]) -> Result<Sealed> {
        let key = self.encryption.active();
        let nonce: [u8; NONCE_BYTES] = random.bytes();
        let sealed = cipher(key)
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: place.as_bytes() })
            .map_err(|_| Error::internal("AES-GCM refused to encrypt"))?;
        let body = [nonce.as_slice(), &sealed].concat();
        Ok(Sealed(format!("{}.{}", key.kid().as_str(), BASE64URL_NOPAD.encode(&body))))
    }

    /// Decrypts; `None` where the text was not sealed by one of our keys for that place.
    pub fn open(&self, place: &str, sealed: &Sealed) -> Option<Vec<u8>> {
        let (kid, body) = sealed.0.split_once('.')?;
        let body = BASE64URL_NOPAD.decode(body.as_bytes()).ok()?;
        let (nonce, message) = body.split_first_chunk::<NONCE_BYTES>()?;
        cipher(self.encryption.find(kid)?)
            .decrypt(&Nonce::from(*nonce), Payload { msg: message, aad: place.as_bytes() })
            .ok()
    }
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(key.bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    fn ring() -> Keyring {
        Keyring::parse(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let sealed = ring().seal(&SystemRandom, "here", b"text").unwrap();
        assert_eq!(ring().open("here", &sealed).unwrap(), b"text");
        assert!(ring().open("there", &sealed).is_none());
    }

    proptest! {
        #[test]
        fn text_from_outside_opens_nothing_and_breaks_nothing(text in "\\PC{0,80}") {
            prop_assert!(ring().open("here", &Sealed::from_text(&text)).is_none());
        }
    }
}

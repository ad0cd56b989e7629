//! The code with which a command line asks whether it was signed in.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::RequestId;
use crate::random::Random;

/// Number of random bytes in a code.
const SECRET_BYTES: usize = 32;

/// Separates the id of the request from the secret.
const SEPARATOR: char = '.';

/// A device code in plain text. It names the row of its request, and only its hash is stored. It is never printed,
/// and is wiped from memory after use.
pub struct DeviceCode {
    text: Zeroizing<String>,
    request_id: RequestId,
}

impl DeviceCode {
    /// Generates the code of a request.
    pub(super) fn generate(random: &dyn Random, request_id: &RequestId) -> Self {
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        let secret = Zeroizing::new(BASE64URL_NOPAD.encode(secret.as_slice()));
        let text = format!("{}{SEPARATOR}{}", request_id.as_str(), secret.as_str());
        Self { text: Zeroizing::new(text), request_id: request_id.clone() }
    }

    /// Parses a received code. Returns `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let (request_id, secret) = text.split_once(SEPARATOR)?;
        let request_id = RequestId::parse(request_id)?;
        let secret = Zeroizing::new(BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?);
        (secret.len() == SECRET_BYTES)
            .then(|| Self { text: Zeroizing::new(text.to_owned()), request_id })
    }

    /// Returns the id of the request that the code claims to be for.
    pub(super) fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Returns the plain text, for the one response that shows it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the SHA-256, which is stored. A secret of 256 random bits needs neither a salt nor a slow hash.
    pub(super) fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.text.as_bytes()))
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_generated_code_parses_to_the_same_hash() {
        let id = RequestId::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let code = DeviceCode::generate(&SystemRandom, &id);
        let read = DeviceCode::parse(code.reveal()).unwrap();
        assert_eq!((read.request_id(), read.hash()), (&id, code.hash()));
        assert_eq!(format!("{code:?}"), "DeviceCode(…)");
        assert_ne!(DeviceCode::generate(&SystemRandom, &id).hash(), code.hash());
        for bad in ["", ".", "x.y", &code.reveal()[1..], &code.reveal()[..60]] {
            assert!(DeviceCode::parse(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,90}") {
            let _ = DeviceCode::parse(&text);
        }
    }
}

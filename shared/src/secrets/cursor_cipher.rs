//! The encryption of list cursors.

use std::sync::Arc;

use dynamo::CursorCipher;

use super::keyring::Keyring;
use super::seal::Sealed;
use crate::random::Random;

/// Encrypts cursors with the keyring of one moment.
#[derive(Clone)]
pub struct KeyringCursorCipher {
    keyring: Arc<Keyring>,
    random: Arc<dyn Random>,
}

impl KeyringCursorCipher {
    /// Makes a cipher that uses these keys.
    pub fn new(keyring: Arc<Keyring>, random: Arc<dyn Random>) -> Self {
        Self { keyring, random }
    }
}

impl CursorCipher for KeyringCursorCipher {
    fn seal(&self, aad: &str, plain: &[u8]) -> Result<String, dynamo::Error> {
        let sealed = self.keyring.seal(&*self.random, aad, plain);
        Ok(sealed.map_err(dynamo::Error::internal)?.as_str().to_owned())
    }

    fn open(&self, aad: &str, cursor: &str) -> Option<Vec<u8>> {
        self.keyring.open(aad, &Sealed::from_text(cursor))
    }
}

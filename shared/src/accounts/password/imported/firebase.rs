//! Firebase's variant of scrypt: the project's signer key, encrypted with a key that scrypt derives from the password.
//! <https://github.com/firebase/scrypt>

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::encoded_hash::{EncodedHash, decode};
use super::limits::check_scrypt;
use super::unusable_hash::UnusableHash;
use crate::error::{Error, Result};

/// The name of the algorithm in the text of a hash.
pub(super) const NAME: &str = "firebase-scrypt";

/// A hash with the parameters of its project.
pub(super) struct FirebaseScrypt {
    params: scrypt::Params,
    salt: Vec<u8>,
    signer_key: Zeroizing<Vec<u8>>,
    hash: Vec<u8>,
}

impl FirebaseScrypt {
    /// Parses the text that [`FirebaseParameters::hash`] makes.
    ///
    /// # Errors
    /// [`UnusableHash`] if a part is absent or malformed, or the parameters are beyond the limits.
    pub(super) fn parse(text: &str) -> std::result::Result<Self, UnusableHash> {
        let parts = EncodedHash::parse(text, &["ln", "r", "sep", "key"])?;
        let params = check_scrypt(parts.number("ln")?, parts.number("r")?, 1)?;
        let part = |name| decode(parts.text(name).ok_or(UnusableHash::Malformed)?);
        let (separator, signer_key) = (part("sep")?, Zeroizing::new(part("key")?));
        // The hash is the encrypted key, so both have the same length.
        if signer_key.len() != parts.hash.len() {
            return Err(UnusableHash::Malformed);
        }
        let salt = [parts.salt, separator].concat();
        Ok(Self { params, salt, signer_key, hash: parts.hash })
    }

    /// Returns whether this is the hash of the password.
    ///
    /// # Errors
    /// [`Error::Internal`] if scrypt cannot compute the key.
    pub(super) fn matches(&self, password: &[u8]) -> Result<bool> {
        let mut key = Zeroizing::new([0_u8; 32]);
        scrypt::scrypt(password, &self.salt, &self.params, &mut key[..])
            .map_err(Error::internal)?;
        let mut encrypted = self.signer_key.clone();
        let mut cipher = Ctr128BE::<Aes256>::new((&*key).into(), &[0_u8; 16].into());
        cipher.apply_keystream(&mut encrypted);
        Ok(self.hash.ct_eq(&encrypted).into())
    }
}

//! Password hashes of other systems, which an import of accounts brings along.
//!
//! They are verified at the first sign-in, which replaces them by a hash of this service. Each is a text in one of the
//! forms of [`ImportedHash::parse`].

mod encoded_hash;
mod firebase;
mod firebase_parameters;
mod limits;
mod unusable_hash;
#[cfg(test)]
mod vectors;

use std::fmt;

use argon2::{Algorithm as Argon2Algorithm, Argon2, Params, Version};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::threads::Memory;
use crate::error::{Error, Result};
use encoded_hash::EncodedHash;
use firebase::FirebaseScrypt;
pub use firebase_parameters::FirebaseParameters;
use limits::{check_argon2, check_bcrypt, check_pbkdf2, check_scrypt};
pub use unusable_hash::UnusableHash;

/// A password hash of another system.
pub struct ImportedHash {
    text: Zeroizing<String>,
    algorithm: Algorithm,
}

/// The algorithm of a hash with its parameters, the salt and the hash.
enum Algorithm {
    Bcrypt,
    Scrypt(scrypt::Params, EncodedHash),
    Pbkdf2Sha256(u32, EncodedHash),
    Pbkdf2Sha512(u32, EncodedHash),
    Argon2(Argon2Algorithm, Version, Params, EncodedHash),
    FirebaseScrypt(FirebaseScrypt),
}

impl ImportedHash {
    /// Parses a hash in one of these forms:
    ///
    /// - bcrypt: `$2a$`, `$2b$` or `$2y$`, which Auth0 exports too;
    /// - PHC strings of scrypt (`$scrypt$ln=…,r=…,p=…$`), PBKDF2 (`$pbkdf2-sha256$i=…$`, `$pbkdf2-sha512$i=…$`) and
    ///   argon2 (`$argon2i$`, `$argon2d$`, `$argon2id$`);
    /// - Firebase's variant of scrypt, in the form of [`FirebaseParameters::hash`].
    ///
    /// # Errors
    /// [`UnusableHash`], also for parameters beyond the limits of `limits.rs`.
    pub fn parse(text: &str) -> std::result::Result<Self, UnusableHash> {
        let algorithm = match text.split('$').nth(1) {
            Some("2a" | "2b" | "2y") => {
                let parts: bcrypt::HashParts = text.parse().map_err(|_| UnusableHash::Malformed)?;
                check_bcrypt(parts.get_cost())?;
                Algorithm::Bcrypt
            }
            Some("scrypt") => {
                let hash = EncodedHash::parse(text, &["ln", "r", "p"])?;
                let params =
                    check_scrypt(hash.number("ln")?, hash.number("r")?, hash.number("p")?)?;
                Algorithm::Scrypt(params, hash)
            }
            Some("pbkdf2-sha256") => {
                let hash = EncodedHash::parse(text, &["i", "l"])?;
                Algorithm::Pbkdf2Sha256(check_pbkdf2(&hash, 32)?, hash)
            }
            Some("pbkdf2-sha512") => {
                let hash = EncodedHash::parse(text, &["i", "l"])?;
                Algorithm::Pbkdf2Sha512(check_pbkdf2(&hash, 64)?, hash)
            }
            Some(name @ ("argon2i" | "argon2d" | "argon2id")) => {
                let hash = EncodedHash::parse_versioned(text, &["m", "t", "p"])?;
                let algorithm =
                    Argon2Algorithm::new(name).map_err(|_| UnusableHash::Unsupported)?;
                // Version 16 wrote no version.
                let version = hash.version.unwrap_or(Version::V0x10.into());
                let version = Version::try_from(version).map_err(|_| UnusableHash::Unsupported)?;
                Algorithm::Argon2(algorithm, version, check_argon2(&hash)?, hash)
            }
            Some(firebase::NAME) => Algorithm::FirebaseScrypt(FirebaseScrypt::parse(text)?),
            Some(_) | None => return Err(UnusableHash::Unsupported),
        };
        Ok(Self { text: Zeroizing::new(text.to_owned()), algorithm })
    }

    /// Returns the text of the hash.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether this is the hash of the password, as its owner types it. The comparison takes constant time.
    ///
    /// # Errors
    /// [`Error::Internal`] if the hash cannot be computed.
    pub(super) fn matches(&self, password: &str, memory: &mut Memory) -> Result<bool> {
        let password = password.as_bytes();
        let (expected, computed) = match &self.algorithm {
            // Like every bcrypt, this one reads the first 72 bytes of a password.
            Algorithm::Bcrypt => {
                let result = bcrypt::verify(password, &self.text);
                return result.map_err(|error| Error::internal(error.to_string()));
            }
            Algorithm::FirebaseScrypt(hash) => return hash.matches(password),
            Algorithm::Scrypt(params, hash) => {
                let mut output = vec![0; hash.hash.len()];
                scrypt::scrypt(password, &hash.salt, params, &mut output)
                    .map_err(Error::internal)?;
                (hash, output)
            }
            Algorithm::Pbkdf2Sha256(iterations, hash) => {
                let mut output = vec![0; hash.hash.len()];
                pbkdf2::pbkdf2_hmac::<Sha256>(password, &hash.salt, *iterations, &mut output);
                (hash, output)
            }
            Algorithm::Pbkdf2Sha512(iterations, hash) => {
                let mut output = vec![0; hash.hash.len()];
                pbkdf2::pbkdf2_hmac::<Sha512>(password, &hash.salt, *iterations, &mut output);
                (hash, output)
            }
            Algorithm::Argon2(algorithm, version, params, hash) => {
                let mut output = vec![0; hash.hash.len()];
                let blocks = memory.blocks(params.block_count());
                Argon2::new(*algorithm, *version, params.clone())
                    .hash_password_into_with_memory(password, &hash.salt, &mut output, blocks)
                    .map_err(Error::internal)?;
                (hash, output)
            }
        };
        Ok(expected.hash.ct_eq(&computed).into())
    }
}

impl fmt::Debug for ImportedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportedHash(…)")
    }
}

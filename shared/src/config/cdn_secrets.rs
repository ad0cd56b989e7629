//! How a CDN in front of the API proves itself.

use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::error::Error;

/// SHA-256 hashes of the secrets that a CDN in front of the API adds to each request. There are two while one
/// rotates, and none without a CDN.
///
/// The secrets are random, so their hashes need not be kept secret.
#[derive(Clone, Debug, Default)]
pub struct CdnSecrets(Vec<[u8; 32]>);

impl CdnSecrets {
    /// Parses a comma-separated list of hashes in hexadecimal. An empty text is an empty list.
    ///
    /// # Errors
    /// `Internal` if an entry is not the hexadecimal form of 32 bytes.
    pub fn parse(list: &str) -> Result<Self, Error> {
        let hashes = list.split(',').map(str::trim).filter(|hash| !hash.is_empty());
        let parse = |hash: &str| {
            let bytes = HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok();
            bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
                Error::internal("CDN_SECRET_HASHES is not a list of SHA-256 hashes in hexadecimal")
            })
        };
        Ok(Self(hashes.map(parse).collect::<Result<_, _>>()?))
    }

    /// Creates a list from the secrets themselves.
    pub fn from_secrets(secrets: &[String]) -> Self {
        Self(secrets.iter().map(|secret| Sha256::digest(secret).into()).collect())
    }

    /// Returns whether `secret` is one of the secrets. Compares in constant time.
    pub fn contains(&self, secret: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(secret).into();
        self.0.iter().fold(Choice::from(0), |found, known| found | known.ct_eq(&hash)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_secrets_are_known() {
        // The hashes of "abc" and of the empty text, from FIPS 180-2 and RFC 6234.
        let list = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD, \
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let secrets = CdnSecrets::parse(list).unwrap();
        assert!(secrets.contains(b"abc") && secrets.contains(b"") && !secrets.contains(b"abd"));
        let rotating = CdnSecrets::from_secrets(&["old".to_owned(), "new".to_owned()]);
        assert!(rotating.contains(b"old") && rotating.contains(b"new"));
        assert!(!rotating.contains(b"abc"));
        assert!(!CdnSecrets::parse("").unwrap().contains(b""));
        assert!(CdnSecrets::parse("abc").is_err());
    }
}

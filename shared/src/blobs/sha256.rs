//! SHA-256 hashes of content.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest;

/// A SHA-256 hash, written as 64 hexadecimal digits in the API and in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Computes the hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Parses 64 hexadecimal digits in upper or lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Encodes the hash as S3 does.
    pub(super) fn to_base64(self) -> String {
        BASE64.encode(&self.0)
    }

    /// Parses a hash from S3.
    pub(super) fn from_base64(text: &str) -> Option<Self> {
        BASE64.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Sha256 {
    /// Writes the hash in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a SHA-256 hash"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example with one block by NIST.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_digest_matches_the_nist_example() {
        assert_eq!(Sha256::of(b"abc").to_string(), ABC);
        assert_eq!(Sha256::parse(&ABC.to_uppercase()), Some(Sha256::of(b"abc")));
        assert_eq!(Sha256::of(b"abc").to_base64(), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn malformed_hashes_are_refused() {
        for text in ["", &ABC[1..], &format!("{ABC}00"), &ABC.replace('b', "g"), &format!(" {ABC}")]
        {
            assert_eq!(Sha256::parse(text), None, "{text}");
        }
        // The checksum of a multipart upload is different, and ends with the number of parts.
        assert_eq!(Sha256::from_base64("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=-2"), None);
    }

    proptest! {
        #[test]
        fn a_written_hash_is_read_back(bytes: [u8; 32]) {
            let sha256 = Sha256(bytes);
            prop_assert_eq!(Sha256::parse(&sha256.to_string()), Some(sha256));
            prop_assert_eq!(Sha256::from_base64(&sha256.to_base64()), Some(sha256));
            let json = serde_json::to_string(&sha256).unwrap();
            prop_assert_eq!(serde_json::from_str::<Sha256>(&json).unwrap(), sha256);
        }
    }
}

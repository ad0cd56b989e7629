//! Keyed fingerprints (HMAC-SHA-256): to keep short codes and addresses in the table without
//! keeping them readable. A plain hash of a 6-character code is undone by trying them all.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::keyring::{Key, Keyring};

/// A fingerprint with the name of its key, as stored: `kid.base64url`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mac(String);

impl Mac {
    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(…)")
    }
}

impl Keyring {
    /// The fingerprint of `parts`. The purpose is one of the parts: no two uses can be mixed up.
    pub fn mac(&self, parts: &[&str]) -> Mac {
        write(self.macs.active(), parts)
    }

    /// Whether `mac` was made of `parts`, by any key that still reads. Takes the same time wherever
    /// they differ.
    pub fn mac_matches(&self, mac: &Mac, parts: &[&str]) -> bool {
        let Some((kid, _)) = mac.0.split_once('.') else {
            return false;
        };
        let Some(key) = self.macs.find(kid) else {
            return false;
        };
        write(key, parts).0.as_bytes().ct_eq(mac.0.as_bytes()).into()
    }

    /// A fingerprint to use in a key of the table, for things that should not stand there readable
    /// (addresses in throttles). After a rotation the same thing gets another one.
    pub fn pseudonym(&self, parts: &[&str]) -> String {
        BASE64URL_NOPAD.encode(&digest(self.macs.active(), parts)[..16])
    }
}

fn write(key: &Key, parts: &[&str]) -> Mac {
    Mac(format!("{}.{}", key.kid().as_str(), BASE64URL_NOPAD.encode(&digest(key, parts))))
}

fn digest(key: &Key, parts: &[&str]) -> [u8; 32] {
    // HMAC takes a key of any length; 32 bytes can't fail.
    let mut hmac = match Hmac::<Sha256>::new_from_slice(key.bytes()) {
        Ok(hmac) => hmac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    for part in parts {
        // With each length in front, ("ab","c") and ("a","bc") differ.
        hmac.update(&part.len().to_be_bytes());
        hmac.update(part.as_bytes());
    }
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> Keyring {
        Keyring::parse(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap()
    }

    #[test]
    fn a_fingerprint_matches_its_own_parts_only() {
        let mac = ring().mac(&["verify", "ab", "c"]);
        assert!(ring().mac_matches(&mac, &["verify", "ab", "c"]));
        for other in [["verify", "a", "bc"], ["reset", "ab", "c"], ["verify", "ab", "C"]] {
            assert!(!ring().mac_matches(&mac, &other));
        }
    }

    #[test]
    fn a_fingerprint_of_a_rotated_key_still_matches() {
        let mac = ring().mac(&["x"]);
        let rotated = Keyring::parse(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "peppers":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"},{"kid":"seed"}]}"#,
        )
        .unwrap();
        assert!(rotated.mac_matches(&mac, &["x"]));
        let retired = Keyring::parse(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "peppers":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"}]}"#,
        )
        .unwrap();
        assert!(!retired.mac_matches(&mac, &["x"]));
    }
}

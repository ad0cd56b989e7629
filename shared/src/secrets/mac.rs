//! Message authentication codes (HMAC-SHA-256), for codes and addresses that the table must not hold in plain text. A
//! plain hash would not do: a 6-character code is found by trying all of them.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::key_set::SecretKey;
use super::keyring::{Keyring, StorageKeys};

/// A message authentication code with the id of its key, as stored: `kid.base64url`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mac(String);

impl Mac {
    /// Takes a received text, which [`Keyring::mac_matches`] then compares.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(…)")
    }
}

impl StorageKeys {
    /// Computes the MAC of `parts`. One part is the purpose, so that MACs of different uses never match.
    pub fn mac(&self, parts: &[&str]) -> Mac {
        compute_mac(self.macs.active(), parts)
    }

    /// Returns whether `mac` is the MAC of `parts` with a known key. Compares in constant time.
    pub fn mac_matches(&self, mac: &Mac, parts: &[&str]) -> bool {
        let Some((kid, _)) = mac.0.split_once('.') else {
            return false;
        };
        let Some(key) = self.macs.find(kid) else {
            return false;
        };
        compute_mac(key, parts).0.as_bytes().ct_eq(mac.0.as_bytes()).into()
    }

    /// Returns a pseudonym of `parts` for a key of the table, such as that of a throttle. It changes when the key
    /// rotates.
    pub fn pseudonym(&self, parts: &[&str]) -> String {
        BASE64URL_NOPAD.encode(&digest(self.macs.active(), parts)[..16])
    }
}

impl Keyring {
    /// Does the same as [`StorageKeys::mac`], with the keys of every function.
    pub fn mac(&self, parts: &[&str]) -> Mac {
        self.storage.mac(parts)
    }

    /// Does the same as [`StorageKeys::mac_matches`], with the keys of every function.
    pub fn mac_matches(&self, mac: &Mac, parts: &[&str]) -> bool {
        self.storage.mac_matches(mac, parts)
    }

    /// Does the same as [`StorageKeys::pseudonym`], with the keys of every function.
    pub fn pseudonym(&self, parts: &[&str]) -> String {
        self.storage.pseudonym(parts)
    }

    /// Returns the pseudonyms of `parts` with each known key, that of the active key first. For records that must be
    /// found again after a rotation, for as long as the key is known.
    pub fn pseudonyms(&self, parts: &[&str]) -> Vec<String> {
        self.pseudonym_bits(parts).iter().map(|bits| BASE64URL_NOPAD.encode(bits)).collect()
    }

    /// Does the same as [`Keyring::pseudonyms`], as bits for ids.
    pub fn pseudonym_bits(&self, parts: &[&str]) -> Vec<[u8; 16]> {
        let first_half = |key| {
            let mut bits = [0; 16];
            bits.copy_from_slice(&digest(key, parts)[..16]);
            bits
        };
        self.storage.macs.all().iter().map(first_half).collect()
    }
}

fn compute_mac(key: &SecretKey, parts: &[&str]) -> Mac {
    Mac(format!("{}.{}", key.kid().as_str(), BASE64URL_NOPAD.encode(&digest(key, parts))))
}

fn digest(key: &SecretKey, parts: &[&str]) -> [u8; 32] {
    let mut hmac = match Hmac::<Sha256>::new_from_slice(key.bytes()) {
        Ok(hmac) => hmac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    for part in parts {
        // The length in front of each part makes ("ab", "c") and ("a", "bc") different.
        hmac.update(&part.len().to_be_bytes());
        hmac.update(part.as_bytes());
    }
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> Keyring {
        Keyring::from_document(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap()
    }

    #[test]
    fn a_mac_matches_only_its_own_parts() {
        let mac = ring().mac(&["verify", "ab", "c"]);
        assert!(ring().mac_matches(&mac, &["verify", "ab", "c"]));
        for other in [["verify", "a", "bc"], ["reset", "ab", "c"], ["verify", "ab", "C"]] {
            assert!(!ring().mac_matches(&mac, &other));
        }
    }

    #[test]
    fn the_pseudonyms_of_known_keys_are_found_after_a_rotation() {
        let before = ring().pseudonyms(&["x"]);
        assert_eq!(before, [ring().pseudonym(&["x"])]);
        let rotated = Keyring::from_document(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "mac_keys":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"},{"kid":"seed"}]}"#,
        )
        .unwrap();
        let after = rotated.pseudonyms(&["x"]);
        assert_eq!(after, [rotated.pseudonym(&["x"]), before[0].clone()]);
    }

    #[test]
    fn a_mac_of_a_rotated_key_still_matches() {
        let mac = ring().mac(&["x"]);
        let rotated = Keyring::from_document(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "mac_keys":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"},{"kid":"seed"}]}"#,
        )
        .unwrap();
        assert!(rotated.mac_matches(&mac, &["x"]));
        let retired = Keyring::from_document(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "mac_keys":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"}]}"#,
        )
        .unwrap();
        assert!(!retired.mac_matches(&mac, &["x"]));
    }
}

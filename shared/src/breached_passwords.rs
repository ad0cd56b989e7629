//! A client that checks passwords against those that are known from data breaches, with the range API of Have I Been
//! Pwned:
//! <https://haveibeenpwned.com/API/v3#PwnedPasswords>.
//!
//! The API gets the first 5 of 40 characters of the SHA-1, which hundreds of passwords share (k-anonymity). It
//! answers with the rest of each, so neither it nor a listener learns the password. Padding hides from a listener
//! how many there are.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use data_encoding::HEXUPPER;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::https::{HttpsClient, RequestLimits};

/// Time after which a password is accepted without the check.
pub const RANGE_TIMEOUT: Duration = Duration::from_millis(300);

/// Number of characters of the SHA-1 that the API gets.
const PREFIX_LEN: usize = 5;

/// Maximum bytes of a response. The API sends up to about 2,000 lines of at most 50 bytes.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// A client of the range API, which knows the hashes of breached passwords.
#[derive(Clone, Debug)]
pub struct BreachedPasswords {
    https: HttpsClient,
    base_url: String,
}

impl BreachedPasswords {
    /// Creates a client of the range API at `base_url`.
    pub fn new(https: HttpsClient, base_url: String) -> Self {
        Self { https, base_url }
    }

    /// Returns whether the password is known from a breach. If the API does not answer in time, it counts as unknown.
    pub async fn contains(&self, password: &str) -> bool {
        let digest = Zeroizing::new(HEXUPPER.encode(&Sha1::digest(password)));
        let (prefix, suffix) = digest.split_at(PREFIX_LEN);
        match self.read_range(prefix).await {
            Ok(range) => is_in_range(&range, suffix),
            Err(error) => {
                tracing::warn!(cause = ?error, "a new password was not checked for breaches");
                false
            }
        }
    }

    /// Reads the suffixes of a prefix.
    async fn read_range(&self, prefix: &str) -> Result<Bytes> {
        let request = Request::get(format!("{}/range/{prefix}", self.base_url))
            .header("add-padding", "true")
            .header("user-agent", "aius-accounts")
            .body(Bytes::new())
            .map_err(|_| Error::internal("not a request"))?;
        let limits =
            RequestLimits { timeout: RANGE_TIMEOUT, max_response_bytes: MAX_RESPONSE_BYTES };
        let response = self.https.send(request, limits).await;
        let response = response.map_err(|error| Error::Unavailable(error.into()))?;
        if response.status().is_success() {
            Ok(response.into_body())
        } else {
            Err(Error::Unavailable(format!("status {}", response.status().as_u16()).into()))
        }
    }
}

/// Returns whether a line of the range is the suffix with a count. Lines of padding have the count 0.
fn is_in_range(range: &[u8], suffix: &str) -> bool {
    let range = String::from_utf8_lossy(range);
    range.lines().filter_map(|line| line.split_once(':')).any(|(known, count)| {
        known.eq_ignore_ascii_case(suffix) && count.trim().parse().is_ok_and(|n: u64| n > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_counts_if_its_count_is_not_zero() {
        let range = b"0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\nx\r\n";
        assert!(is_in_range(range, "0018A45C4D1DEF81644B54AB7F969B88D65"));
        assert!(is_in_range(range, "0018a45c4d1def81644b54ab7f969b88d65"));
        assert!(!is_in_range(range, "00D4F6E8FA6EECAD2A3AA415EEC418D38EC"));
        assert!(!is_in_range(range, "x"));
        assert!(!is_in_range(b"\xff\xfe", ""));
    }
}

//! Checks new passwords against those that are known from data breaches, with the range API of Have I Been Pwned:
//! <https://haveibeenpwned.com/API/v3#PwnedPasswords>.
//!
//! The API gets the first 5 of 40 characters of the SHA-1, which hundreds of passwords share (k-anonymity). It
//! answers with the rest of each, so neither it nor a listener learns the password. Padding hides from a listener
//! how many there are.

use std::time::Duration;

use data_encoding::HEXUPPER;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::Password;
use crate::context::Context;
use crate::error::{Error, Result};

/// Time after which a password is accepted without the check.
pub const RANGE_TIMEOUT: Duration = Duration::from_millis(300);

/// Number of characters of the SHA-1 that the API gets.
const PREFIX_LEN: usize = 5;

/// Maximum bytes of a response. The API sends up to about 2,000 lines of at most 50 bytes.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// The message of a refusal. NIST SP 800-63B-4, 3.1.1.2 asks for the reason and for a different password.
const BREACHED: &str = "This password is known from a data breach, so it is compromised. Choose a different one, \
     such as three unrelated words with a digit and a sign";

/// The range API.
#[derive(Clone, Debug)]
pub struct BreachedPasswords {
    client: reqwest::Client,
    base_url: String,
}

impl BreachedPasswords {
    /// Creates a client of the range API at `base_url`.
    ///
    /// # Errors
    /// [`Error::Internal`] if the HTTP client cannot be created.
    pub fn new(base_url: String) -> Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(RANGE_TIMEOUT)
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, base_url })
    }

    /// Whether the password is known from a breach. If the API does not answer in time, it counts as unknown.
    async fn contains(&self, password: &Password) -> bool {
        let digest = Zeroizing::new(HEXUPPER.encode(&Sha1::digest(password.reveal())));
        let (prefix, suffix) = digest.split_at(PREFIX_LEN);
        match self.read_range(prefix).await {
            Ok(range) => is_in_range(&range, suffix),
            Err(error) => {
                let cause = error.without_url();
                tracing::warn!(?cause, "a new password was not checked for breaches");
                false
            }
        }
    }

    /// Reads the suffixes of a prefix. A response that is too long is cut off.
    async fn read_range(&self, prefix: &str) -> reqwest::Result<Vec<u8>> {
        let request = self.client.get(format!("{}/range/{prefix}", self.base_url));
        let request = request.header("add-padding", "true").header("user-agent", "aius-accounts");
        let mut response = request.send().await?.error_for_status()?;
        let mut range = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            range.extend_from_slice(&chunk);
            if range.len() > MAX_RESPONSE_BYTES {
                break;
            }
        }
        Ok(range)
    }
}

/// Whether a line of the range is the suffix with a count. Lines of padding have the count 0.
fn is_in_range(range: &[u8], suffix: &str) -> bool {
    let range = String::from_utf8_lossy(range);
    range.lines().filter_map(|line| line.split_once(':')).any(|(known, count)| {
        known.eq_ignore_ascii_case(suffix) && count.trim().parse().is_ok_and(|n: u64| n > 0)
    })
}

/// Requires that a new password is not known from a breach, where the deployment checks that.
///
/// # Errors
/// [`Error::PasswordTooWeak`] if it is.
pub async fn require_not_breached(ctx: &Context, password: &Password) -> Result<()> {
    match &ctx.breached_passwords {
        Some(breached) if breached.contains(password).await => {
            Err(Error::PasswordTooWeak(BREACHED))
        }
        Some(_) | None => Ok(()),
    }
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

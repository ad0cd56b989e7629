//! Passwords: the rules for new ones, hashing, and verification.

mod blocklist;
mod breached;
mod common_passwords;
mod hash;
mod imported;
mod new_password;
mod threads;

pub use breached::require_not_breached;
pub use hash::{PasswordCheck, PasswordHash, PasswordVerified, hash, verify};
pub use imported::{FirebaseParameters, ImportedHash, UnusableHash};
pub use new_password::{MAX_PASSWORD_LEN, MIN_PASSWORD_LEN};

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// A password in plain text, normalized to NFKC so that it is the same from every keyboard
/// (NIST SP 800-63B 5.1.1.2). It is never printed, and wiped from memory after use.
pub struct Password {
    normalized: Zeroizing<String>,
    /// The text as it came, if that is another one. Other systems hashed it as it was.
    typed: Option<Zeroizing<String>>,
}

impl Password {
    /// Parses a password that is compared with the stored one. The rules for new passwords do not apply,
    /// because they may have changed since.
    ///
    /// # Errors
    /// [`Error::Missing`] of `field` if the text is empty.
    pub fn parse(field: &'static str, text: String) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::missing(field));
        }
        let text = Zeroizing::new(text);
        let normalized = Zeroizing::new(text.nfkc().collect::<String>());
        let typed = Some(text).filter(|text| *text != normalized);
        Ok(Self { normalized, typed })
    }

    /// Parses a password that may be absent, because the account may have none.
    ///
    /// # Errors
    /// [`Error::Missing`] of `field` if the text is empty.
    pub fn parse_optional(field: &'static str, text: Option<String>) -> Result<Option<Self>> {
        text.map(|text| Self::parse(field, text)).transpose()
    }

    pub(super) fn reveal(&self) -> &str {
        &self.normalized
    }

    /// Returns the password without the normalization.
    fn as_typed(&self) -> &str {
        self.typed.as_ref().unwrap_or(&self.normalized)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_spellings_of_one_password_are_equal() {
        let typed =
            |text: &str| Password::parse("password", text.to_owned()).unwrap().reveal().to_owned();
        assert_eq!(typed("Zoe\u{308}-9"), typed("Zoë-9"));
        assert_eq!(typed("ｐａｓｓ-9"), typed("pass-9"));
    }

    #[test]
    fn a_password_is_also_known_as_it_was_typed() {
        for text in ["Zoe\u{308}-9", "Zoë-9", "ｐａｓｓ-9"] {
            assert_eq!(Password::parse("password", text.to_owned()).unwrap().as_typed(), text);
        }
    }
}

//! The rules for new passwords.

use super::Password;
use super::blocklist::Variations;
use crate::error::{Error, Result};
use crate::values::{EmailAddress, Name};

/// Minimum characters of a new password.
pub const MIN_PASSWORD_LEN: usize = 8;

/// Maximum characters of a new password, so that a request cannot make the service hash megabytes.
pub const MAX_PASSWORD_LEN: usize = 128;

impl Password {
    /// Parses a new password. It must have [`MIN_PASSWORD_LEN`] to [`MAX_PASSWORD_LEN`] characters with a letter, a
    /// digit and a special character. It must be no common password, no part of the address, if that is known, and no
    /// simple variation of these. It must also [differ from the name](Self::require_different_from).
    ///
    /// # Errors
    /// - [`Error::Missing`] of `field` if the text is empty.
    /// - [`Error::InvalidField`] if it is too long.
    /// - [`Error::PasswordTooWeak`] if it breaks another rule.
    pub fn parse_new<'a>(
        field: &'static str,
        text: String,
        email: impl Into<Option<&'a EmailAddress>>,
    ) -> Result<Self> {
        let password = Self::parse(field, text)?;
        password.check(field, email.into())?;
        Ok(password)
    }

    /// Checks that a new password differs from the user's address, which is not always known when it is parsed.
    ///
    /// # Errors
    /// [`Error::PasswordTooWeak`] if it is the address or a part of it, or a simple variation.
    pub fn require_different_from_email(&self, email: &EmailAddress) -> Result<()> {
        let variations = Variations::find(self.reveal());
        if variations.derive_from(email.as_str()) || variations.derive_from(email.local_part()) {
            return Err(Error::PasswordTooWeak(EMAIL_OR_NAME));
        }
        Ok(())
    }

    /// Checks that a new password differs from the user's name, which is not always known when it is parsed.
    ///
    /// # Errors
    /// [`Error::PasswordTooWeak`] if it is the name or a part of it, or a simple variation.
    pub fn require_different_from(&self, name: &Name) -> Result<()> {
        if Variations::find(self.reveal()).derive_from(name.as_str()) {
            return Err(Error::PasswordTooWeak(EMAIL_OR_NAME));
        }
        Ok(())
    }

    fn check(&self, field: &str, email: Option<&EmailAddress>) -> Result<()> {
        let text = self.reveal();
        let length = text.chars().count();
        if length > MAX_PASSWORD_LEN {
            return Err(Error::invalid_field(
                field,
                format!("at most {MAX_PASSWORD_LEN} characters"),
            ));
        }
        if length < MIN_PASSWORD_LEN {
            return Err(Error::PasswordTooWeak("The password needs at least 8 characters"));
        }
        let has = |kind: fn(char) -> bool| text.chars().any(kind);
        if !has(char::is_alphabetic) || !has(char::is_numeric) || !has(is_special) {
            return Err(Error::PasswordTooWeak(
                "The password needs a letter, a digit and a special character",
            ));
        }
        if let Some(email) = email {
            self.require_different_from_email(email)?;
        }
        if Variations::find(text).are_blocked() {
            return Err(Error::PasswordTooWeak(BLOCKED));
        }
        Ok(())
    }
}

const EMAIL_OR_NAME: &str = "The password must not be your email or name, or a part or variation of them. Choose \
     a different one, such as three unrelated words with a digit and a sign";

/// The reason that NIST SP 800-63B-4, section 3.1.1.2, requires, and what to do.
const BLOCKED: &str = "This password, or the word that it is a variation of, is commonly used, expected or \
     compromised. Choose a different one, such as three unrelated words with a digit and a sign";

fn is_special(c: char) -> bool {
    !c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn choose(text: &str) -> Result<Password> {
        let email = EmailAddress::parse("ada.1815@example.com").unwrap();
        let name = Name::parse("Ada K1ng-Noel").unwrap();
        let password = Password::parse_new("password", text.to_owned(), &email)?;
        password.require_different_from(&name).map(|()| password)
    }

    #[test]
    fn good_passwords_pass() {
        let longest = "é1-".repeat(42) + "é1";
        for good in ["correct-horse-9", "Tr0ub4dor&3", "пароль-ли 1", "a1 bcdef", &longest]
        {
            assert!(choose(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_weak_password_is_refused_with_the_reason() {
        let too_short = format!("at least {MIN_PASSWORD_LEN} characters");
        for (weak, why) in [
            ("a1-bcde", too_short.as_str()),
            ("abcdefgh1", "special"),
            ("abcdefgh-", "digit"),
            ("12345678-", "letter"),
            ("Ada.1815@Example.com", "email or name"),
            ("ADA.1815", "email or name"),
            ("ada k1ng-noel", "email or name"),
            ("Ada-1815!", "email or name"),
            ("Example2024!", "email or name"),
            ("P@ssw0rd", "commonly used, expected or compromised"),
            ("Summer2024!", "commonly used, expected or compromised"),
        ] {
            let error = choose(weak).unwrap_err();
            assert!(matches!(error, Error::PasswordTooWeak(_)), "{weak}: {error}");
            assert!(error.to_string().contains(why), "{weak}: {error}");
        }
        assert!(matches!(choose(""), Err(Error::Missing(field)) if field == "password"));
        assert!(matches!(choose(&"a1-".repeat(43)), Err(Error::InvalidField { .. })));
    }

    proptest! {
        #[test]
        fn accepted_passwords_follow_the_rules(text in "\\PC{0,140}") {
            if let Ok(password) = choose(&text) {
                let text = password.reveal();
                prop_assert!((8..=128).contains(&text.chars().count()));
                prop_assert!(text.chars().any(char::is_alphabetic));
                prop_assert!(text.chars().any(char::is_numeric));
                prop_assert!(text.chars().any(|c| !c.is_alphanumeric()));
            }
        }
    }
}

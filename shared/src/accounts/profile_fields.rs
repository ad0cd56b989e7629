//! Profile fields of a user that have a format of their own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::text;

/// Maximum characters of a company or a job title.
pub const MAX_PROFILE_TEXT_LEN: usize = 100;

/// A company name or a job title: one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfileText(String);

impl ProfileText {
    /// Parses a field of a request. Returns `None` if the text is blank.
    ///
    /// # Errors
    /// [`Error::InvalidField`] if the text is too long, or contains control characters or line breaks.
    pub fn parse(field: &str, text: &str) -> Result<Option<Self>> {
        text::normalize_line(field, text, MAX_PROFILE_TEXT_LEN).map(|line| line.map(Self))
    }
}

/// A phone number in E.164 format: `+` and at most 15 digits, starting with the country code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Parses a phone number. Spaces, hyphens, dots and parentheses are ignored.
    ///
    /// # Errors
    /// [`Error::InvalidField`] if the text is no E.164 number.
    pub fn parse(text: &str) -> Result<Self> {
        let bare: String =
            text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let digits = bare.strip_prefix('+').unwrap_or_default().as_bytes();
        let fits = (2..=15).contains(&digits.len())
            && digits.iter().all(u8::is_ascii_digit)
            && digits.first() != Some(&b'0');
        if fits {
            Ok(Self(bare))
        } else {
            Err(Error::invalid_field(
                "phone",
                "enter the number with its country code, such as +14155550123",
            ))
        }
    }
}

macro_rules! impl_display {
    ($($name:ident),*) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        })*
    };
}

impl_display!(ProfileText, Phone);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_e164_numbers_parse() {
        for (typed, number) in [
            ("+14155550123", "+14155550123"),
            (" +49 (30) 123-456.7 ", "+49301234567"),
            ("+123456789012345", "+123456789012345"),
        ] {
            assert_eq!(Phone::parse(typed).unwrap().to_string(), number);
        }
        for bad in
            ["", "+", "+1", "14155550123", "+04155550123", "+1234567890123456", "+1415x", "++14155"]
        {
            assert!(matches!(Phone::parse(bad), Err(Error::InvalidField { .. })), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,60}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(&phone.to_string()).unwrap(), phone);
            }
        }
    }
}

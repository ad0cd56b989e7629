//! Names of people and organizations.

use std::fmt;

use crate::error::{Error, Result};
use crate::text;
use serde::{Deserialize, Serialize};

/// Maximum characters of a name.
pub const MAX_NAME_LEN: usize = 100;

/// The display name of a person or an organization: one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Parses the field `name` of a request.
    ///
    /// # Errors
    /// - [`Error::Missing`] if the text is blank.
    /// - [`Error::InvalidField`] if it is longer than [`MAX_NAME_LEN`] characters, or contains control characters or
    ///   line breaks.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_field("name", text)?.ok_or_else(|| Error::missing("name"))
    }

    /// Parses a name in a field with any name. Returns `None` if the text is blank.
    ///
    /// # Errors
    /// [`Error::InvalidField`], as for [`Name::parse`].
    pub fn parse_field(field: &str, text: &str) -> Result<Option<Self>> {
        Ok(text::normalize_line(field, text, MAX_NAME_LEN)?.map(Self))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_all_scripts_pass() {
        for name in
            ["Ada Lovelace", "Łukasz", "李小龍", "محمد", "O'Brien-Smith, Jr.", "می\u{200c}خواهم"]
        {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Name::parse(" Zoe\u{308} ").unwrap().as_str(), "Zoë");
    }

    #[test]
    fn control_characters_and_line_breaks_are_refused() {
        for bad in
            ["a\u{0}b", "a\nb", "a\u{202e}b", "a\u{2028}b", "a\u{7f}b", "a\u{9b}b", "a\u{ffff}"]
        {
            assert!(matches!(Name::parse(bad), Err(Error::InvalidField { .. })), "{bad:?}");
        }
        assert!(matches!(Name::parse(" \t\n"), Err(Error::Missing(field)) if field == "name"));
    }

    #[test]
    fn a_name_has_at_most_100_characters() {
        assert!(Name::parse(&"李".repeat(100)).is_ok());
        assert!(Name::parse(&"李".repeat(101)).is_err());
        assert!(Name::parse(&"x".repeat(1 << 20)).is_err());
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(text in "\\PC{0,120}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()).unwrap(), name);
            }
        }
    }
}

//! What people and organizations are called.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// Longest name, in characters.
const LONGEST: usize = 100;

/// A name as it is shown: trimmed, in Unicode's composed form (NFC), on one line, and without what
/// would change how the text around it reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Reads what a person typed. [`Error::Missing`] (as `name`) when nothing is left,
    /// [`Error::InvalidField`] when it is too long or holds what no name does.
    pub fn parse(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::missing("name"));
        }
        let too_long = || Error::invalid_field("name", format!("at most {LONGEST} characters"));
        // Bounds the work of what follows.
        if text.chars().count() > 4 * LONGEST {
            return Err(too_long());
        }
        let name: String = text.trim().nfc().collect();
        // Counted after composing, which makes most texts shorter and some longer.
        if name.chars().count() > LONGEST {
            return Err(too_long());
        }
        if name.chars().any(is_unfit) {
            return Err(Error::invalid_field("name", "control characters are not allowed"));
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, line and paragraph separators, the marks that turn the direction of text
/// (<https://www.unicode.org/reports/tr9/>), the byte order mark, and code points that are no
/// characters.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
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
    fn what_no_name_holds_is_refused() {
        for bad in
            ["a\u{0}b", "a\nb", "a\u{202e}b", "a\u{2028}b", "a\u{7f}b", "a\u{9b}b", "a\u{ffff}"]
        {
            assert!(matches!(Name::parse(bad), Err(Error::InvalidField { .. })), "{bad:?}");
        }
        assert!(matches!(Name::parse(" \t\n"), Err(Error::Missing(field)) if field == "name"));
    }

    #[test]
    fn a_hundred_characters_fit() {
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

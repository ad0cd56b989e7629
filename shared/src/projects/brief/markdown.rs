//! Checked Markdown texts.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Maximum size of a text in bytes of UTF-8. It keeps an item below DynamoDB's limit of 400 KB
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
pub const MAX_BRIEF_BYTES: usize = 256 * 1024;

/// A Markdown text, kept exactly as it was sent. Readers must sanitize it, because it may contain HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Markdown(String);

impl Markdown {
    /// Parses the text of a field.
    ///
    /// # Errors
    ///
    /// * [`Error::TooLarge`] if the text is larger than [`MAX_BRIEF_BYTES`].
    /// * [`Error::InvalidField`] if it contains control characters other than line ends and tabs.
    pub fn parse(field: &str, text: String) -> Result<Self> {
        if text.len() > MAX_BRIEF_BYTES {
            return Err(Error::TooLarge(MAX_BRIEF_BYTES));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let why = "must not contain control characters other than line ends and tabs";
            return Err(Error::invalid_field(field, why));
        }
        Ok(Self(text))
    }

    /// Returns the size in bytes.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Returns the text.
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Markdown> {
        Markdown::parse("content", text.to_owned())
    }

    #[test]
    fn texts_are_kept_unchanged() {
        for text in ["", " ", "# A\r\n\n\t- b\n", "<script>", "e\u{301} \u{202e} 李 🙂", "\u{feff}"]
        {
            assert_eq!(parse(text).unwrap().into_text(), text);
        }
    }

    #[test]
    fn control_characters_are_refused() {
        for bad in ["\0", "a\u{8}", "\u{b}", "\u{c}", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{9b}"] {
            assert!(matches!(parse(bad), Err(Error::InvalidField { .. })), "{bad:?}");
        }
    }

    #[test]
    fn size_is_limited_in_bytes() {
        let longest = "é".repeat(MAX_BRIEF_BYTES / 2);
        assert_eq!(parse(&longest).unwrap().size(), 262_144);
        assert!(matches!(parse(&(longest + "x")), Err(Error::TooLarge(262_144))));
    }

    proptest! {
        #[test]
        fn accepted_texts_are_unchanged(text in "(\\PC|[\\x00-\\x9f]){0,50}") {
            if let Ok(markdown) = parse(&text) {
                prop_assert_eq!(markdown.into_text(), text);
            }
        }
    }
}

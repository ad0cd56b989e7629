//! The service that an access token is for.

use serde::Serialize;

use crate::error::{Error, Result};

/// Maximum number of characters of an audience.
pub const MAX_AUDIENCE_LEN: usize = 200;

/// The service that an access token is for: a URL or a name, compared character by character (RFC 7519, 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Audience(String);

impl Audience {
    /// Parses an audience. It has the characters of a URL without query and fragment.
    ///
    /// # Errors
    ///
    /// * [`Error::Missing`] if it is empty.
    /// * [`Error::InvalidField`] if it is too long or has other characters.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::missing("audience"));
        }
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/".contains(c);
        if text.len() > MAX_AUDIENCE_LEN || !text.chars().all(is_allowed) {
            return Err(Error::invalid_field(
                "audience",
                format!(
                    "must be a URL or a name of at most {MAX_AUDIENCE_LEN} characters, of letters, digits and - . _ ~ : /"
                ),
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn urls_and_names_are_audiences() {
        for text in ["https://runs.aius.co", "http://localhost:9000/v1/", "runs", "urn:aius:runs"] {
            assert_eq!(Audience::parse(text).unwrap().0, text);
        }
        assert!(Audience::parse(&"a".repeat(MAX_AUDIENCE_LEN)).is_ok());
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", " ", "*", "a b", "a,b", "https://x?y", "https://x#y", "ü", "a\n", "\"a\""]
        {
            assert!(Audience::parse(text).is_err(), "{text}");
        }
        assert!(Audience::parse(&"a".repeat(MAX_AUDIENCE_LEN + 1)).is_err());
    }

    proptest! {
        #[test]
        fn an_audience_is_written_unchanged(text in "\\PC{0,220}") {
            if let Ok(audience) = Audience::parse(&text) {
                prop_assert_eq!(serde_json::to_string(&audience).unwrap(), format!("\"{text}\""));
            }
        }
    }
}

//! The media type of a file.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Maximum length of a media type in characters: two names of 127 characters, and a slash (RFC
/// 6838, 4.2).
const MAX_LEN: usize = 255;

/// A media type as in the `Content-Type` header (RFC 9110, 8.3.1). Browsers do not act on it,
/// because files are always served as attachments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentType(String);

impl Default for ContentType {
    /// Returns the media type of arbitrary bytes.
    fn default() -> Self {
        Self("application/octet-stream".to_owned())
    }
}

impl ContentType {
    /// Parses `type/subtype`, with or without parameters.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if the text is no media type or is too long.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let essence = text.split(';').next().unwrap_or_default().trim_end();
        let is_type = essence.split_once('/').is_some_and(|(a, b)| is_token(a) && is_token(b));
        let is_visible = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if is_type && is_visible && text.len() <= MAX_LEN {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid_field(
                "content_type",
                "must be a media type, such as text/csv; charset=utf-8",
            ))
        }
    }

    /// Returns the media type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether the text is a token as defined in RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let is_mark = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_media_types_are_accepted() {
        for good in [
            "text/csv",
            "application/vnd.ms-excel",
            "text/plain; charset=\"utf-8\"",
            "image/svg+xml",
        ] {
            assert_eq!(ContentType::parse(good).unwrap().as_str(), good);
        }
        let long = format!("text/{}", "a".repeat(MAX_LEN));
        for bad in ["", "text", "text/", "/csv", "a b/c", "text/csv\r\nX: y", "text/ü", &long] {
            assert!(ContentType::parse(bad).is_err(), "{bad:?}");
        }
    }
}

//! The key under which an operator adjusts credits once.

use std::fmt;

use crate::error::{Error, Result};

/// Longest key in characters. It is part of a key of the table.
const MAX_KEY_LEN: usize = 200;

/// The key of an adjustment: the operator's ticket, or a key of its own where a ticket has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportKey(String);

impl SupportKey {
    /// Parses a key.
    ///
    /// # Errors
    /// `InvalidField` if it is empty, too long, or has characters other than those of printable ASCII.
    pub fn parse(text: &str) -> Result<Self> {
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if text.is_empty() || text.len() > MAX_KEY_LEN || !is_printable {
            let why = format!("must be 1 to {MAX_KEY_LEN} printable ASCII characters");
            return Err(Error::invalid_field("key", why));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SupportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_printable() {
        assert!(SupportKey::parse("https://tickets.example/T-1").is_ok());
        for wrong in ["", "ä", "a\nb", &"x".repeat(201)] {
            assert!(SupportKey::parse(wrong).is_err(), "{wrong}");
        }
    }
}

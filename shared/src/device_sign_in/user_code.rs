//! The code that a person types to find the command line that asks to be signed in.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::random::Random;

/// The 20 consonants of RFC 8628, 6.1: they are hard to confuse, and form no words.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Number of letters in a code.
pub const USER_CODE_LEN: usize = 8;

/// Number of letters before the hyphen.
const GROUP_LEN: usize = 4;

/// Maximum bytes of typed text that are parsed. A code with many separators is much shorter.
const MAX_TYPED_LEN: usize = 64;

/// A user code in plain text, without its hyphen. It is shown by the command line and typed by the person.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(Zeroizing<String>);

impl UserCode {
    /// Generates a code. It has 34.6 bits.
    pub(super) fn generate(random: &dyn Random) -> Self {
        // One of 2^64 numbers, so that none of the 20^8 codes is more likely than another by more than 2^-29.
        let mut number = u64::from_le_bytes(random.bytes());
        let letters = (0..USER_CODE_LEN).map(|_| {
            let index = usize::try_from(number % 20).unwrap_or_default();
            number /= 20;
            char::from(ALPHABET[index])
        });
        Self(Zeroizing::new(letters.collect()))
    }

    /// Parses a code as people type it: in any case, with spaces or hyphens.
    ///
    /// # Errors
    /// - [`Error::Missing`] if the text is blank.
    /// - [`Error::InvalidField`] if it is not a code.
    pub fn parse(text: &str) -> Result<Self> {
        const FIELD: &str = "user_code";
        if text.trim().is_empty() {
            return Err(Error::missing(FIELD));
        }
        let invalid = || {
            let why = format!("the code has {USER_CODE_LEN} letters, such as WDJB-MJHT");
            Error::invalid_field(FIELD, why)
        };
        if text.len() > MAX_TYPED_LEN {
            return Err(invalid());
        }
        let is_separator = |c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '–' | '.' | '_');
        let letters = text.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_uppercase());
        let code: Zeroizing<String> = Zeroizing::new(letters.collect());
        let is_code =
            code.len() == USER_CODE_LEN && code.bytes().all(|byte| ALPHABET.contains(&byte));
        if is_code { Ok(Self(code)) } else { Err(invalid()) }
    }

    /// Returns the eight letters.
    pub(super) fn letters(&self) -> &str {
        &self.0
    }

    /// Returns the code as it is shown: `WDJB-MJHT`.
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at(GROUP_LEN);
        format!("{first}-{second}")
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn typed_codes_parse_in_any_case_and_spacing() {
        for typed in ["WDJB-MJHT", "wdjbmjht", " wdjb mjht ", "WDJB–MJHT", "w-d-j-b-m-j-h-t"] {
            assert_eq!(UserCode::parse(typed).unwrap().shown(), "WDJB-MJHT", "{typed}");
        }
        for other in
            ["WDJB-MJH", "WDJB-MJHTT", "WDJB-MJHA", "ÄDJB-MJHT", "WDJB-MJH1", "W\u{0}JB-MJHT"]
        {
            assert!(matches!(UserCode::parse(other), Err(Error::InvalidField { .. })), "{other}");
        }
        assert!(matches!(UserCode::parse(" \t"), Err(Error::Missing(_))));
    }

    #[test]
    fn generated_codes_use_the_whole_alphabet() {
        let mut seen = vec![BTreeSet::new(); USER_CODE_LEN];
        for _ in 0..2_000 {
            let code = UserCode::generate(&SystemRandom);
            assert_eq!(UserCode::parse(&code.shown()).unwrap(), code);
            for (letters, letter) in seen.iter_mut().zip(code.letters().bytes()) {
                letters.insert(letter);
            }
        }
        assert!(seen.iter().all(|letters| letters.len() == ALPHABET.len()), "{seen:?}");
    }

    #[test]
    fn debug_output_hides_the_code() {
        assert_eq!(format!("{:?}", UserCode::parse("WDJB-MJHT").unwrap()), "UserCode(…)");
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,80}") {
            let _ = UserCode::parse(&text);
        }
    }
}

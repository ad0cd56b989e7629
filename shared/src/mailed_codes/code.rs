//! The text of a mailed code: six characters that are easy to type.

use std::fmt;

use zeroize::Zeroizing;

use crate::random::Random;

/// 32 letters and digits, without those that look alike (0/O, 1/I). Six of them carry 30 bits.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Number of characters in a code.
pub const CODE_LEN: usize = 6;

/// Maximum bytes of typed text that are parsed. A code with many separators is much shorter.
const MAX_TYPED_LEN: usize = 64;

/// A mailed code in plain text. It exists in memory and in the mail only.
#[derive(Clone)]
pub struct MailedCode(Zeroizing<String>);

impl MailedCode {
    pub(super) fn generate(random: &dyn Random) -> Self {
        let letter = |_| char::from(ALPHABET[usize::from(random.below_power_of_two(32))]);
        Self(Zeroizing::new((0..CODE_LEN).map(letter).collect()))
    }

    /// Parses a code as people type it: in any case, with spaces or hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TYPED_LEN {
            return None;
        }
        let code: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '\t' | '\u{a0}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let known = code.len() == CODE_LEN && code.bytes().all(|b| ALPHABET.contains(&b));
        known.then(|| Self(Zeroizing::new(code)))
    }

    /// Returns the code in plain text, as the mail shows it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MailedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailedCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    #[test]
    fn typed_codes_parse_in_any_case_and_spacing() {
        for typed in ["ABC234", "abc234", " abc 234 ", "Abc-234"] {
            assert_eq!(MailedCode::parse(typed).unwrap().reveal(), "ABC234");
        }
        for not in ["", "ABC23", "ABC2345", "ABC10O", "ÄBC234", "ABC23\u{0}"] {
            assert!(MailedCode::parse(not).is_none(), "{not}");
        }
    }

    #[test]
    fn generated_codes_use_the_whole_alphabet() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let code = MailedCode::generate(&SystemRandom);
            assert!(MailedCode::parse(code.reveal()).is_some());
            seen.extend(code.reveal().bytes());
        }
        assert_eq!(seen.len(), 32);
    }

    #[test]
    fn debug_output_hides_the_code() {
        assert_eq!(format!("{:?}", MailedCode::parse("ABC234").unwrap()), "MailedCode(…)");
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,80}") {
            let _ = MailedCode::parse(&text);
        }
    }
}

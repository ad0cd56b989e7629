//! Passwords that are refused because they are commonly used, expected or compromised (NIST SP 800-63B-4,
//! section 3.1.1.2), and simple variations of them.

use std::collections::BTreeSet;

use super::common_passwords;

/// Maximum number of digits and signs around a word that count as decoration of it. More of them can make a
/// password of their own.
const MAX_DECORATION_LEN: usize = 10;

/// Minimum characters of a word that counts below its decoration.
const MIN_WORD_LEN: usize = 3;

/// Words that people expect of this service and that the list of common passwords lacks, and sequences of
/// neighboring keys that have a letter, a digit and a sign.
const EXPECTED_WORDS: [&str; 21] = [
    "aius",
    "backup",
    "billing",
    "client",
    "corporate",
    "customer",
    "dashboard",
    "employee",
    "fall",
    "frühling",
    "herbst",
    "invoice",
    "organisation",
    "organization",
    "passwort",
    "payment",
    "workplace",
    "!qaz@wsx3edc",
    "zaq1@wsx",
    "!q2w3e4r",
    "qwer!234",
];

/// The words that a password may be a variation of.
pub(super) struct Variations(BTreeSet<String>);

impl Variations {
    /// Finds the words that a password may be a variation of, lower-cased:
    ///
    /// - the password itself, also without its signs;
    /// - what is left without digits and signs at its ends: `summer` of `Summer2024!`;
    /// - the same with letters for look-alikes: `password` of `P@ssw0rd1!`;
    /// - a word that is written twice, once.
    pub(super) fn find(password: &str) -> Self {
        let password = password.to_lowercase();
        let squeezed: String = password.chars().filter(|c| c.is_alphanumeric()).collect();
        let mut words = BTreeSet::from([password.clone(), squeezed.clone()]);
        for text in [password, squeezed] {
            add_words_of(&text, &mut words);
        }
        let halves: Vec<_> = words.iter().filter_map(|word| half_of_doubled(word)).collect();
        words.extend(halves);
        Self(words)
    }

    /// Returns whether one of the words is commonly used, expected or compromised.
    pub(super) fn are_blocked(&self) -> bool {
        EXPECTED_WORDS.iter().any(|word| self.0.contains(*word))
            || common_passwords::contains_any(&self.0)
    }

    /// Returns whether one of the words is `text` or a part of it between signs, in any case.
    pub(super) fn derive_from(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut parts = text.split(|c: char| !c.is_alphanumeric());
        self.0.contains(&text)
            || parts.any(|part| part.chars().count() >= MIN_WORD_LEN && self.0.contains(part))
    }
}

/// Adds what is left of `text` without some or all of the digits and signs at its ends, with look-alikes as they
/// are and as letters. Where a look-alike ends the word, as in `footba11!`, only one of these is the word.
fn add_words_of(text: &str, words: &mut BTreeSet<String>) {
    let chars: Vec<char> = text.chars().collect();
    let is_letter = |c: &char| c.is_alphabetic();
    let Some(first) = chars.iter().position(is_letter) else { return };
    let last = chars.iter().rposition(is_letter).unwrap_or(first);
    for start in 0..=first {
        for end in last + 1..=chars.len() {
            let decoration = start + chars.len() - end;
            let word = &chars[start..end];
            if decoration <= MAX_DECORATION_LEN && word.len() >= MIN_WORD_LEN {
                words.insert(word.iter().collect());
                words.insert(word.iter().map(|c| letter_for(*c, 'i')).collect());
                words.insert(word.iter().map(|c| letter_for(*c, 'l')).collect());
            }
        }
    }
}

/// Returns the letter that a digit or sign looks like. A `1` stands for `one`.
fn letter_for(c: char, one: char) -> char {
    match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => one,
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    }
}

/// Returns the word that `text` consists of twice.
fn half_of_doubled(text: &str) -> Option<String> {
    let (half, other) = text.split_at_checked(text.len() / 2)?;
    (half == other && half.chars().count() >= MIN_WORD_LEN).then(|| half.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_with_decorations_are_blocked() {
        for blocked in [
            "P@ssw0rd",
            "password1!",
            "p@$$w0rd1",
            "123password!",
            "!password1",
            "Welcome1!",
            "we1come1!",
            "qwerty123!",
            "admin@123",
            "@dmin2024!",
            "letmein1!",
            "1qaz@wsx",
            "1qaz2wsx!",
            "aa@123456",
            "q1w2e3r4!",
            "Summer2024!",
            "$ummer2024",
            "2024-Summer",
            "Football1!",
            "footba11!",
            "FootballFootball1!",
            "Company123!",
            "Aius2026!",
            "pass-word-1",
            "I-love-you-2",
            "Dragonfly#7",
        ] {
            assert!(Variations::find(blocked).are_blocked(), "{blocked}");
        }
    }

    #[test]
    fn phrases_that_contain_a_common_word_pass() {
        for fine in [
            "my-password-is-9",
            "correct-horse-9",
            "summer-in-the-harbor-7",
            "s3cret!pass",
            "tests-pass-9",
            "football 9283759201746!",
            "Tr0ub4dor&3",
        ] {
            assert!(!Variations::find(fine).are_blocked(), "{fine}");
        }
    }

    #[test]
    fn variations_of_the_parts_of_a_text_are_found() {
        for derived in ["ada.1815", "Ada-1815!", "lovelace2024!", "L0velace1!"] {
            assert!(Variations::find(derived).derive_from("Ada Lovelace, ada.1815"), "{derived}");
        }
        for other in ["adamant-7", "correct-horse-9", "love-lace-99x"] {
            assert!(!Variations::find(other).derive_from("Ada Lovelace, ada.1815"), "{other}");
        }
    }
}

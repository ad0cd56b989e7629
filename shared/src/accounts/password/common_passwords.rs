//! The list of common passwords.

use std::collections::BTreeSet;

/// 19,640 common passwords from public leaks, lower-cased, sorted and front-coded: each line is the number of
/// characters that the password shares with the one before, as one base-36 digit, and the rest of the password.
/// `common_passwords.py` writes it, and names the source.
const FRONT_CODED: &str = include_str!("common_passwords.txt");

/// Returns whether one of the texts is a common password. Reads the list once, which takes about half a millisecond.
pub(super) fn contains_any(texts: &BTreeSet<String>) -> bool {
    // The list and the texts are both sorted, so each is passed through once.
    let mut texts = texts.iter().peekable();
    let mut password = String::new();
    for line in FRONT_CODED.lines() {
        decode_next(&mut password, line);
        while texts.next_if(|text| **text < password).is_some() {}
        match texts.peek() {
            None => return false,
            Some(text) if **text == password => return true,
            Some(_) => {}
        }
    }
    false
}

/// Replaces a password of the list by the one after it.
fn decode_next(password: &mut String, line: &str) {
    let shared = line.chars().next().and_then(|digit| digit.to_digit(36)).unwrap_or_default();
    if let Some((end, _)) = password.char_indices().nth(shared as usize) {
        password.truncate(end);
    }
    password.push_str(line.get(1..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Maximum size of the list in the program, in bytes.
    const MAX_LIST_LEN: usize = 100_000;

    #[test]
    fn the_list_is_large_and_sorted_and_compact() {
        let mut password = String::new();
        let mut count = 0;
        for line in FRONT_CODED.lines() {
            let before = password.clone();
            decode_next(&mut password, line);
            assert!(before < password, "{before} {password}");
            count += 1;
        }
        assert!(count >= 10_000, "{count} passwords");
        assert!(FRONT_CODED.len() <= MAX_LIST_LEN, "{} bytes", FRONT_CODED.len());
    }

    #[test]
    fn listed_passwords_are_found() {
        let contains = |text: &str| contains_any(&BTreeSet::from([text.to_owned()]));
        for listed in ["!qaz1qaz", "123456", "password", "football", "zzzzzz", "привет"] {
            assert!(contains(listed), "{listed}");
        }
        for unlisted in ["", " ", "correct-horse-9", "passwor", "яяяяя", "\u{10ffff}"] {
            assert!(!contains(unlisted), "{unlisted}");
        }
        let several = ["correct-horse-9", "summer", "zz-top"].map(str::to_owned);
        assert!(contains_any(&BTreeSet::from(several)));
    }
}

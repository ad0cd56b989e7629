//! Checks for names that another person chose, before a mail shows them.
//!
//! Anybody can register another person's address or invite a stranger. The name that they choose must not carry a
//! message or a link into the mail that the service sends.

use crate::values::Name;

/// Longest name that a mail shows, in characters. A longer one may be a sentence.
const MAX_NAME_LEN: usize = 40;

/// Most words of a name that a mail shows. A longer one may be a sentence.
const MAX_NAME_WORDS: usize = 4;

/// Most digits of an organization's name that a mail shows. A longer number may be a telephone number.
const MAX_NAME_DIGITS: usize = 4;

/// Returns a person's name if it consists of a few words of letters, and `None` otherwise.
pub(super) fn safe_person_name(name: &Name) -> Option<&str> {
    let is_allowed = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    let name = name.as_str();
    (is_short(name) && name.chars().all(is_allowed)).then_some(name)
}

/// Returns an organization's name if it is safe to show, and `None` otherwise. Beyond [`safe_person_name`] it may
/// have a few digits, `&`, and a dot or comma after a word. A dot inside a word would make it a link.
pub(super) fn safe_organization_name(name: &Name) -> Option<&str> {
    let is_allowed =
        |c: char| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '-' | '\'' | '’' | '&');
    let is_word = |word: &str| word.trim_end_matches(['.', ',']).chars().all(is_allowed);
    let name = name.as_str();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let fits = is_short(name) && digits <= MAX_NAME_DIGITS;
    (fits && name.split(' ').all(is_word)).then_some(name)
}

fn is_short(name: &str) -> bool {
    name.chars().count() <= MAX_NAME_LEN && name.split(' ').count() <= MAX_NAME_WORDS
}

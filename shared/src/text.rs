//! Normalization and truncation of texts that users enter and see.

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// Normalizes a text of one line: trims it and converts it to Unicode's composed form (NFC). Returns `None` if
/// nothing is left.
///
/// # Errors
///
/// * [`Error::InvalidField`] for `field` if the text has more than `max_len` characters or a forbidden one.
pub(crate) fn normalize_line(field: &str, text: &str, max_len: usize) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let too_long = || Error::invalid_field(field, format!("at most {max_len} characters"));
    // Rejects a very long text before the costly normalization.
    if text.chars().count() > 4 * max_len {
        return Err(too_long());
    }
    let line: String = text.trim().nfc().collect();
    // Counts after normalization, which changes the number of characters.
    if line.chars().count() > max_len {
        return Err(too_long());
    }
    if line.chars().any(is_forbidden_char) {
        return Err(forbidden_char_error(field));
    }
    Ok(Some(line))
}

/// Normalizes a text of several lines like [`normalize_line`]. Allows tabs, and ends lines with a line feed.
///
/// # Errors
///
/// * [`Error::InvalidField`] for `field` if the text has more than `max_len` characters or a forbidden one.
pub(crate) fn normalize_lines(field: &str, text: &str, max_len: usize) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let too_long = || Error::invalid_field(field, format!("at most {max_len} characters"));
    if text.chars().count() > 4 * max_len {
        return Err(too_long());
    }
    let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
    if text.chars().count() > max_len {
        return Err(too_long());
    }
    if text.chars().any(|c| is_forbidden_char(c) && !matches!(c, '\n' | '\t')) {
        return Err(forbidden_char_error(field));
    }
    Ok(Some(text))
}

fn forbidden_char_error(field: &str) -> Error {
    Error::invalid_field(field, "control characters are not allowed")
}

/// Returns whether a character must not be in a displayed text: control characters, line and paragraph separators,
/// marks that change the text direction (<https://www.unicode.org/reports/tr9/>), the byte order mark, and code
/// points that are not characters.
pub(crate) fn is_forbidden_char(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Truncates a text to `max_len` characters. The last one of a truncated text is `…`.
pub(crate) fn truncate(text: &str, max_len: usize) -> String {
    match text.char_indices().nth(max_len) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max_len.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Ends a sentence with a period, unless its last word, such as a name with `Inc.`, has one.
pub(crate) fn end_sentence(mut sentence: String) -> String {
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::{end_sentence, truncate};

    #[test]
    fn truncated_texts_end_in_an_ellipsis() {
        assert_eq!(truncate("Grüße", 5), "Grüße");
        assert_eq!(truncate("Grüße!", 5), "Grüß…");
        assert_eq!(truncate("", 5), "");
    }

    #[test]
    fn a_sentence_ends_with_one_period() {
        assert_eq!(end_sentence("Ada joined Acme".to_owned()), "Ada joined Acme.");
        assert_eq!(end_sentence("Ada joined Acme, Inc.".to_owned()), "Ada joined Acme, Inc.");
    }
}

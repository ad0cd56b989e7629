//! Short texts that people type, to be shown to people.

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// A text as it is shown: trimmed, in Unicode's composed form (NFC), on one line, and without what
/// would change how the text around it reads. `None` when nothing is left; otherwise
/// [`Error::InvalidField`] when it has more than `longest` characters or holds what no line does.
pub(crate) fn one_line(field: &str, text: &str, longest: usize) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let too_long = || Error::invalid_field(field, format!("at most {longest} characters"));
    // Bounds the work of what follows.
    if text.chars().count() > 4 * longest {
        return Err(too_long());
    }
    let line: String = text.trim().nfc().collect();
    // Counted after composing, which makes most texts shorter and some longer.
    if line.chars().count() > longest {
        return Err(too_long());
    }
    if line.chars().any(is_unfit) {
        return Err(unfit(field));
    }
    Ok(Some(line))
}

/// The same of a text that may have several lines, and tabs in them. Lines end with a line feed, however
/// they came.
pub(crate) fn lines(field: &str, text: &str, longest: usize) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let too_long = || Error::invalid_field(field, format!("at most {longest} characters"));
    if text.chars().count() > 4 * longest {
        return Err(too_long());
    }
    let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
    if text.chars().count() > longest {
        return Err(too_long());
    }
    if text.chars().any(|c| is_unfit(c) && !matches!(c, '\n' | '\t')) {
        return Err(unfit(field));
    }
    Ok(Some(text))
}

fn unfit(field: &str) -> Error {
    Error::invalid_field(field, "control characters are not allowed")
}

/// Control characters, line and paragraph separators, the marks that turn the direction of text
/// (<https://www.unicode.org/reports/tr9/>), the byte order mark, and code points that are no
/// characters.
pub(crate) fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The text if it has at most so many characters; otherwise its beginning, with `…` as the last of them.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some(_) => text.chars().take(longest.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn what_is_too_long_ends_in_dots() {
        assert_eq!(shortened("Grüße", 5), "Grüße");
        assert_eq!(shortened("Grüße!", 5), "Grüß…");
        assert_eq!(shortened("", 5), "");
    }
}

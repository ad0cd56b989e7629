//! The `Content-Disposition` header, which names a downloaded file.
//! <https://www.rfc-editor.org/rfc/rfc6266>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::text::is_forbidden_char;

/// Maximum length of a name in bytes. File systems allow 255, and browsers may append to the name.
const MAX_NAME_LEN: usize = 200;

/// Maximum length in bytes of an extension that is kept when a name is cut.
const MAX_EXTENSION_LEN: usize = 20;

/// The name of a file whose own name cannot be used.
const FALLBACK_NAME: &str = "download";

/// Every character except the `attr-char` of <https://www.rfc-editor.org/rfc/rfc8187#section-3.2>.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Returns the header's value for a file name, in ASCII for old clients and in UTF-8 for all others.
pub(super) fn attachment(file_name: &str) -> String {
    let name = sanitize(file_name);
    let ascii: String = name.chars().map(|c| if is_literal(c) { c } else { '_' }).collect();
    let whole = utf8_percent_encode(&name, NOT_ATTR_CHAR);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{whole}")
}

/// Returns the name without path separators and text direction marks, cut to the maximum length.
fn sanitize(file_name: &str) -> String {
    let is_allowed = |c: char| !is_forbidden_char(c) && !matches!(c, '/' | '\\');
    let name: String = file_name.chars().map(|c| if is_allowed(c) { c } else { '_' }).collect();
    let name = name.trim();
    if name.trim_matches('.').is_empty() {
        return FALLBACK_NAME.to_owned();
    }
    if name.len() <= MAX_NAME_LEN {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|dot| name.len() - dot <= MAX_EXTENSION_LEN);
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    let end = stem.floor_char_boundary(MAX_NAME_LEN - extension.len());
    format!("{}{extension}", &stem[..end])
}

/// Returns whether every client takes the character literally between quotes. Some clients decode
/// percent signs there.
fn is_literal(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    /// Parses the two names in a header as a client does.
    fn names(header: &str) -> (String, String) {
        let rest = header.strip_prefix("attachment; filename=\"").unwrap();
        let (ascii, whole) = rest.split_once("\"; filename*=UTF-8''").unwrap();
        (ascii.to_owned(), percent_decode_str(whole).decode_utf8().unwrap().into_owned())
    }

    #[test]
    fn an_ascii_name_is_unchanged() {
        assert_eq!(
            attachment("report 1.csv"),
            "attachment; filename=\"report 1.csv\"; filename*=UTF-8''report%201.csv"
        );
    }

    #[test]
    fn unicode_names_are_sent_in_utf8() {
        assert_eq!(
            attachment("Übersicht 📈.md"),
            "attachment; filename=\"_bersicht _.md\"; filename*=UTF-8''%C3%9Cbersicht%20%F0%9F%93%88.md"
        );
    }

    #[test]
    fn names_escape_neither_quotes_nor_folder() {
        for (name, ascii, whole) in [
            ("a\"; filename=\"b.exe", "a_; filename=_b.exe", "a\"; filename=\"b.exe"),
            ("a\\\"b", "a__b", "a_\"b"),
            ("a\r\nSet-Cookie: x", "a__Set-Cookie: x", "a__Set-Cookie: x"),
            ("../../etc/passwd", ".._.._etc_passwd", ".._.._etc_passwd"),
            ("50%41.txt", "50_41.txt", "50%41.txt"),
            ("ab\u{202e}txt.exe", "ab_txt.exe", "ab_txt.exe"),
            ("it's.txt", "it's.txt", "it's.txt"),
        ] {
            assert_eq!(names(&attachment(name)), (ascii.to_owned(), whole.to_owned()), "{name:?}");
        }
    }

    #[test]
    fn an_unusable_name_is_replaced() {
        for name in ["", " ", ".", "..", " .. "] {
            assert_eq!(names(&attachment(name)).1, FALLBACK_NAME, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let (_, whole) = names(&attachment(&format!("{}.tar.gz", "ü".repeat(300))));
        assert_eq!(whole, format!("{}.gz", "ü".repeat(98)));
        let (_, whole) = names(&attachment(&"a.".repeat(300)));
        assert_eq!(whole.len(), MAX_NAME_LEN);
        let (_, whole) = names(&attachment(&format!("a.{}", "b".repeat(300))));
        assert_eq!(whole.len(), MAX_NAME_LEN);
    }

    proptest! {
        #[test]
        fn every_name_makes_a_valid_header(name in "\\PC{0,40}|.{0,300}|[\"\\\\%;*'\r\n\u{0}é📈./]{0,40}") {
            let header = attachment(&name);
            prop_assert!(header.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
            let (ascii, whole) = names(&header);
            prop_assert!(!ascii.contains(['"', '\\', '%', '/']));
            prop_assert!(!whole.is_empty() && whole.len() <= MAX_NAME_LEN);
            prop_assert!(!whole.contains(['/', '\\']) && !whole.chars().any(is_forbidden_char));
            prop_assert_eq!(ascii.chars().count(), whole.chars().count());
            let fits = name.len() <= MAX_NAME_LEN && name.trim() == name && !name.trim_matches('.').is_empty();
            if fits && !name.contains(['/', '\\']) && !name.chars().any(is_forbidden_char) {
                prop_assert_eq!(whole, name);
            }
        }
    }
}

//! The `Content-Disposition` header, which names a downloaded file.
//! <https://www.rfc-editor.org/rfc/rfc6266>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::text::is_unfit;

/// Maximum length of a name in bytes. File systems allow 255, and browsers may append to the name.
const MOST_BYTES: usize = 200;

/// Maximum length in bytes of an extension that is kept when a name is cut.
const MOST_OF_ENDING: usize = 20;

/// The name of a file whose own name cannot be used.
const NAMELESS: &str = "download";

/// Every character except the `attr-char` of <https://www.rfc-editor.org/rfc/rfc8187#section-3.2>.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
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

/// Returns the header's value for a file name, in ASCII for old clients and in UTF-8 for all
/// others.
pub(super) fn attachment(file_name: &str) -> String {
    let name = fit(file_name);
    let ascii: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let whole = utf8_percent_encode(&name, ENCODED);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{whole}")
}

/// Returns the name without path separators and text direction marks, cut to the maximum length.
fn fit(file_name: &str) -> String {
    let is_fit = |c: char| !is_unfit(c) && !matches!(c, '/' | '\\');
    let name: String = file_name.chars().map(|c| if is_fit(c) { c } else { '_' }).collect();
    let name = name.trim();
    if name.trim_matches('.').is_empty() {
        return NAMELESS.to_owned();
    }
    if name.len() <= MOST_BYTES {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|dot| name.len() - dot <= MOST_OF_ENDING);
    let (stem, ending) = name.split_at(dot.unwrap_or(name.len()));
    let end = stem.floor_char_boundary(MOST_BYTES - ending.len());
    format!("{}{ending}", &stem[..end])
}

/// Returns whether every client takes the character literally between quotes. Some clients decode
/// percent signs there.
fn is_plain(c: char) -> bool {
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
    fn a_plain_name_is_itself() {
        assert_eq!(
            attachment("report 1.csv"),
            "attachment; filename=\"report 1.csv\"; filename*=UTF-8''report%201.csv"
        );
    }

    #[test]
    fn other_alphabets_and_emoji_arrive() {
        assert_eq!(
            attachment("Übersicht 📈.md"),
            "attachment; filename=\"_bersicht _.md\"; filename*=UTF-8''%C3%9Cbersicht%20%F0%9F%93%88.md"
        );
    }

    #[test]
    fn nothing_leaves_the_quotes_or_the_folder() {
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
    fn a_name_that_is_none_gets_one() {
        for name in ["", " ", ".", "..", " .. "] {
            assert_eq!(names(&attachment(name)).1, NAMELESS, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let (_, whole) = names(&attachment(&format!("{}.tar.gz", "ü".repeat(300))));
        assert_eq!(whole, format!("{}.gz", "ü".repeat(98)));
        let (_, whole) = names(&attachment(&"a.".repeat(300)));
        assert_eq!(whole.len(), MOST_BYTES);
        let (_, whole) = names(&attachment(&format!("a.{}", "b".repeat(300))));
        assert_eq!(whole.len(), MOST_BYTES);
    }

    proptest! {
        #[test]
        fn every_name_makes_a_header(name in "\\PC{0,40}|.{0,300}|[\"\\\\%;*'\r\n\u{0}é📈./]{0,40}") {
            let header = attachment(&name);
            prop_assert!(header.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
            let (ascii, whole) = names(&header);
            prop_assert!(!ascii.contains(['"', '\\', '%', '/']));
            prop_assert!(!whole.is_empty() && whole.len() <= MOST_BYTES);
            prop_assert!(!whole.contains(['/', '\\']) && !whole.chars().any(is_unfit));
            prop_assert_eq!(ascii.chars().count(), whole.chars().count());
            let fits = name.len() <= MOST_BYTES && name.trim() == name && !name.trim_matches('.').is_empty();
            if fits && !name.contains(['/', '\\']) && !name.chars().any(is_unfit) {
                prop_assert_eq!(whole, name);
            }
        }
    }
}

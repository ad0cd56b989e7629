//! Escapes CSV cells so that no spreadsheet program evaluates them as formulas.
//! <https://owasp.org/www-community/attacks/CSV_Injection>

/// Characters that start a formula in some program. The last four are the full-width forms that
/// East Asian keyboards produce.
const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];

/// Characters that end a cell in programs that do not split by commas, such as Excel in locales
/// with a decimal comma. Such programs ignore quotes in the middle of a cell.
const CELL_ENDS: [char; 4] = [';', '\t', '\r', '\n'];

/// Returns the text with an apostrophe before each formula character, and each apostrophe, that may
/// start a cell. The escape is reversible: removing one apostrophe at each such place restores the
/// text.
pub(crate) fn escape_formulas(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut at_start = true;
    for c in text.chars() {
        if at_start && (c == '\'' || FORMULA_STARTS.contains(&c)) {
            escaped.push('\'');
        }
        escaped.push(c);
        at_start = cell_may_start_after(c, at_start);
    }
    escaped
}

/// Returns whether a cell may start after `c`. A program strips a quote at the start of a cell first.
fn cell_may_start_after(c: char, at_start: bool) -> bool {
    CELL_ENDS.contains(&c) || (at_start && c == '"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Restores the text that `escape_formulas` escaped.
    fn original(escaped: &str) -> String {
        let (mut text, mut at_start) = (String::new(), true);
        let mut chars = escaped.chars();
        while let Some(mut c) = chars.next() {
            if at_start && c == '\'' {
                c = chars.next().expect("an escaped character follows the apostrophe");
            }
            text.push(c);
            at_start = cell_may_start_after(c, at_start);
        }
        text
    }

    #[test]
    fn csv_formula_every_start_is_escaped() {
        for (text, expected) in [
            ("=HYPERLINK(\"https://evil.example\")", "'=HYPERLINK(\"https://evil.example\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\n=1", "'\n'=1"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠1", "'＠1"),
            ("x;=1", "x;'=1"),
            ("x;\"=1", "x;\"'=1"),
            ("\"=1", "\"'=1"),
            ("'=1", "''=1"),
            ("a=1+1", "a=1+1"),
            ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (X11; Linux x86_64)"),
            ("it's", "it's"),
            ("", ""),
        ] {
            assert_eq!(escape_formulas(text), expected);
        }
    }

    /// Generates text that often contains special characters.
    fn text() -> impl Strategy<Value = String> {
        let special = "[=+@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20};,'\"-]{0,4}";
        (special, "\\PC{0,8}", special, "\\PC{0,4}").prop_map(|(a, b, c, d)| a + &b + &c + &d)
    }

    fn read(csv: &[u8], delimiter: u8, quoting: bool) -> Vec<String> {
        let mut builder = ::csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(delimiter).quoting(quoting);
        let rows = builder.from_reader(csv).into_byte_records();
        let cells =
            rows.flat_map(|row| row.unwrap().iter().map(<[u8]>::to_vec).collect::<Vec<_>>());
        cells.map(|cell| String::from_utf8_lossy(&cell).into_owned()).collect()
    }

    proptest! {
        #[test]
        fn csv_formula_escaping_is_complete_and_reversible(text in text()) {
            prop_assert_eq!(original(&escape_formulas(&text)), text.clone());
            let mut writer = super::super::table::writer();
            writer.write_record(["evt", &escape_formulas(&text), "end"]).unwrap();
            let csv = writer.into_inner().unwrap();
            let cells = read(&csv, b',', true);
            prop_assert_eq!(cells.len(), 3);
            prop_assert_eq!(original(&cells[1]), text);
            prop_assert!(!cells[1].starts_with(FORMULA_STARTS), "{:?}", cells);
            // A program that splits by semicolons may respect quotes at the start of a cell, or
            // ignore all quotes.
            for quoting in [true, false] {
                for cell in read(&csv, b';', quoting) {
                    let bare = cell.trim_start_matches('"');
                    prop_assert!(!bare.starts_with(FORMULA_STARTS), "{:?}", cell);
                }
            }
        }
    }
}

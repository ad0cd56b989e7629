//! Numbers and tables as Markdown.

/// Formats a number with separators: whole from 100, with one decimal place from 10, otherwise with two.
pub(super) fn number(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let whole = with_separators(whole);
    if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
}

/// Formats an amount of US dollars: whole from 100, otherwise with cents.
pub(super) fn dollars(value: f64) -> String {
    if value >= 100.0 {
        format!("${}", with_separators(&format!("{value:.0}")))
    } else {
        format!("${value:.2}")
    }
}

/// Formats a share in percent.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", number(share * 100.0))
}

/// Inserts a comma before each group of three digits.
fn with_separators(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let rest = digits.len() - index;
        if index > 0 && rest.is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A column of a table, with its title.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column<'a> {
    /// A column of text, which is aligned to the left.
    Text(&'a str),
    /// A column of numbers, which are aligned to the right.
    Number(&'a str),
}

/// Builds a table in Markdown from its columns and rows.
pub(super) fn table(columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let (titles, rules): (Vec<_>, Vec<_>) = columns
        .iter()
        .map(|column| match *column {
            Column::Text(title) => (title.to_owned(), "---"),
            Column::Number(title) => (title.to_owned(), "--:"),
        })
        .unzip();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}|{}|\n{rows}", line(&titles), rules.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_at_least() {
        for (value, text) in [
            (0.0, "0"),
            (0.256, "0.26"),
            (9.5, "9.5"),
            (12.34, "12.3"),
            (999.6, "1,000"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!((dollars(3.456).as_str(), dollars(12_345.6).as_str()), ("$3.46", "$12,346"));
        assert_eq!(percent(0.0345), "3.45 %");
    }
}

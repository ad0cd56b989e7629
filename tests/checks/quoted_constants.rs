//! Compares the numbers that a document quotes with constants, whose values are read from the source.

use std::collections::BTreeMap;
use std::path::Path;

use super::openapi_limits::{quoted, with_separators};

/// Words that make the number before them a limit or a lifetime.
const UNITS: [&str; 12] = [
    "seconds",
    "minutes",
    "hours",
    "days",
    "kib",
    "mib",
    "bytes",
    "characters",
    "tries",
    "s",
    "min",
    "h",
];

/// A number that a section quotes.
pub(super) enum Quote {
    /// The value of a constant of `shared` or of a function, named as `file::CONSTANT`, in a unit; an empty unit for a
    /// plain number.
    Constant(&'static str, &'static str),
    /// A number that no such constant holds.
    Literal(&'static str),
}

/// Reads the value of a constant of `shared` or of a function: a number, a product of numbers, or a duration in
/// seconds.
pub(super) fn constant(name: &str) -> u64 {
    let (file, constant) = name.split_once("::").unwrap();
    let start = format!("const {constant}: ");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("shared/src"), root.join("functions")];
    let mut values = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap().to_str() == Some(&format!("{file}.rs")) {
                let source = std::fs::read_to_string(&path).unwrap();
                let definition =
                    source.split_once(&start).and_then(|(_, rest)| rest.split_once(';'));
                values.extend(definition.map(|(definition, _)| evaluate(definition)));
            }
        }
    }
    assert_eq!(values.len(), 1, "{name} is defined once");
    values[0]
}

/// Evaluates the type and value of a constant.
fn evaluate(definition: &str) -> u64 {
    let (_, value) = definition.split_once(" = ").unwrap();
    let value = value.trim_start_matches("Duration::from_secs(").trim_end_matches(')');
    value.split('*').map(|factor| factor.trim().replace('_', "").parse::<u64>().unwrap()).product()
}

impl Quote {
    fn text(&self) -> String {
        let (name, unit) = match self {
            Self::Constant(name, unit) => (*name, *unit),
            Self::Literal(text) => return (*text).to_owned(),
        };
        let divisor = match unit {
            "minutes" | "min" => 60,
            "h" => 60 * 60,
            "days" => 24 * 60 * 60,
            "kib" => 1024,
            "mib" => 1024 * 1024,
            _ => 1,
        };
        let value = constant(name);
        assert_eq!(value % divisor, 0, "{name} in {unit}");
        format!("{} {unit}", with_separators(value / divisor)).trim_end().to_owned()
    }
}

/// The numbers that a page quotes, by section.
type QuotesBySection = BTreeMap<String, Vec<String>>;

/// Reads the numbers that a page of `docs` quotes.
fn read_quotes(page: &str) -> QuotesBySection {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let mut found = QuotesBySection::new();
    let mut section = String::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        if line.starts_with('#') {
            section = line.trim_matches(['#', ' ']).to_owned();
            continue;
        }
        let quotes = quoted(line, &UNITS);
        if !quotes.is_empty() {
            found.entry(section.clone()).or_default().extend(quotes);
        }
    }
    found
}

fn quote_texts(quotes: &[Quote]) -> Vec<String> {
    quotes.iter().map(Quote::text).collect()
}

fn section_texts(sections: Vec<(&str, Vec<Quote>)>) -> QuotesBySection {
    let text = |(section, quotes): (&str, Vec<Quote>)| (section.to_owned(), quote_texts(&quotes));
    sections.into_iter().map(text).collect()
}

/// Asserts that the sections of a page quote exactly the given numbers.
pub(super) fn assert_quotes(page: &str, sections: Vec<(&str, Vec<Quote>)>) {
    assert_eq!(read_quotes(page), section_texts(sections), "{page}");
}

/// Asserts that these sections of a page quote exactly the given numbers. The other sections may quote numbers that are
/// not ours, such as those of AWS.
pub(super) fn assert_sections_quote(page: &str, sections: Vec<(&str, Vec<Quote>)>) {
    let expected = section_texts(sections);
    let mut found = read_quotes(page);
    found.retain(|section, _| expected.contains_key(section));
    assert_eq!(found, expected, "{page}");
}

/// Asserts that a page without sections quotes exactly the given numbers.
pub(super) fn assert_page_quotes(page: &str, quotes: &[Quote]) {
    let found: Vec<_> = read_quotes(page).into_values().flatten().collect();
    assert_eq!(found, quote_texts(quotes), "{page}");
}

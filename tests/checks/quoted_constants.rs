//! Compares the numbers that a document quotes with constants, whose values are read from the source of `shared`.

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
    /// The value of a constant of `shared` or `worker`, named as `file::CONSTANT`, in a unit; an empty unit for a plain
    /// number.
    Constant(&'static str, &'static str),
    /// A number that no constant of `shared` holds.
    Literal(&'static str),
}

/// Reads the value of a constant of `shared` or `worker`: a number, a product of numbers, or a duration in seconds.
pub(super) fn constant(name: &str) -> u64 {
    let (file, constant) = name.split_once("::").unwrap();
    let start = format!("const {constant}: ");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("shared/src"), root.join("functions/worker/src")];
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

/// Asserts that the sections of a page quote exactly the given numbers.
pub(super) fn assert_quotes(page: &str, sections: Vec<(&str, Vec<Quote>)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let mut found = BTreeMap::<String, Vec<String>>::new();
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
    let expected: BTreeMap<_, _> = sections
        .into_iter()
        .map(|(section, quotes)| (section.to_owned(), quotes.iter().map(Quote::text).collect()))
        .collect();
    assert_eq!(found, expected, "{page}");
}

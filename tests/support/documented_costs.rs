//! Compares the cost of a call with `docs/COSTS.md`.

use std::ops::RangeInclusive;
use std::path::Path;

use crate::measured_units::assert_units;
use crate::{Cost, Reply};

/// Asserts that a reply cost what `docs/COSTS.md` says in the row of that label.
#[track_caller]
pub fn documented(reply: &Reply, label: &str) {
    assert_documented(&reply.cost(), label);
}

/// Asserts that calls and round trips are those of `docs/COSTS.md` in the row of that label, and the capacity units
/// those of `bench/units.tsv`.
#[track_caller]
pub fn assert_documented(cost: &Cost, label: &str) {
    let &Cost { calls, trips, .. } = cost;
    let rows = documented_costs();
    let row = rows.iter().find(|row| row.label == label);
    let row = row.unwrap_or_else(|| panic!("docs/COSTS.md has no row {label}"));
    let measured = format!("{label}: documented {row:?}, measured {calls} calls in {trips} trips");
    assert!(row.calls.contains(&calls), "{measured}");
    assert!(trips <= *row.trips.end(), "{measured}");
    // The units of a row with a range of calls vary with the date and with events that arrive meanwhile.
    let is_exact = row.calls.start() == row.calls.end();
    assert_units(cost, label, is_exact);
}

/// A row of `docs/COSTS.md`.
#[derive(Debug)]
pub struct DocumentedCost {
    /// The call, as its row names it.
    pub label: String,
    /// Sequential round trips to DynamoDB; the end is the maximum.
    pub trips: RangeInclusive<u32>,
    /// The number of calls of DynamoDB.
    pub calls: RangeInclusive<u32>,
}

/// Reads the rows of all tables of the page.
pub fn documented_costs() -> Vec<DocumentedCost> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/COSTS.md");
    let page = std::fs::read_to_string(page).unwrap();
    let range = |text: &str| {
        let (first, last) = text.trim().split_once(" to ").unwrap_or((text.trim(), text.trim()));
        first.parse().unwrap()..=last.parse().unwrap()
    };
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        DocumentedCost {
            label: cells[1].to_owned(),
            trips: range(cells[2]),
            calls: range(cells[3]),
        }
    };
    // The page begins with text; each later part begins with the rows of a table.
    let tables = page.split("|---|---|---|---|\n").skip(1);
    tables
        .flat_map(|table| table.lines().take_while(|line| line.starts_with('|')).map(row))
        .collect()
}

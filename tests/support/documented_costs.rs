//! Compares the cost of a call with `docs/COSTS.md`.

use std::ops::RangeInclusive;
use std::path::Path;

use crate::Reply;

/// Asserts that a reply cost what `docs/COSTS.md` says in the row of that label.
#[track_caller]
pub fn documented(reply: &Reply, label: &str) {
    let rows = documented_costs();
    let row = rows.iter().find(|row| row.label == label);
    let row = row.unwrap_or_else(|| panic!("docs/COSTS.md has no row {label}"));
    let cost = reply.cost();
    assert!(row.calls.contains(&cost.calls), "{label}: documented {row:?}, measured {cost:?}");
    assert!(cost.trips <= *row.trips.end(), "{label}: documented {row:?}, measured {cost:?}");
}

/// A row of `docs/COSTS.md`.
#[derive(Debug)]
pub struct DocumentedCost {
    /// The call, as its row names it.
    pub label: String,
    /// Sequential round trips to DynamoDB; the end is the maximum.
    pub trips: RangeInclusive<u32>,
    /// Calls of DynamoDB.
    pub calls: RangeInclusive<u32>,
}

/// Reads the table of measured calls, which is the first on the page.
pub fn documented_costs() -> Vec<DocumentedCost> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/COSTS.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = page.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
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
    table.take_while(|line| line.starts_with('|')).map(row).collect()
}

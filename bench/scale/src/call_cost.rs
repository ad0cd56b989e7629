//! The cost of each call at DynamoDB: round trips and calls from `docs/COSTS.md`, capacity units from
//! `bench/units.tsv`. Tests of the workspace compare both files with measurements (`tests/checks/round_trips.rs`).

use std::collections::BTreeMap;

use crate::{Error, Result};

/// The row of `docs/COSTS.md` of the call that spends credits. The report calls such a call a debit.
pub const CALL_OF_DEBIT: &str = "POST /v1/clients/{client_id}/usage";

/// The measured cost of one call, at most.
#[derive(Clone, Debug, PartialEq)]
pub struct CallCost {
    /// The call, as its row in `docs/COSTS.md` names it.
    pub label: String,
    /// Number of sequential round trips to DynamoDB.
    pub trips: f64,
    /// Number of read capacity units.
    pub reads: f64,
    /// Number of write capacity units.
    pub writes: f64,
    /// Number of the round trips that are transactions.
    pub transactions: f64,
}

/// The start of the rows of each table of calls.
const TABLE_START: &str = "|---|---|---|---|\n";

/// Reads the rows of the page's tables of calls, and adds the units of each.
///
/// # Errors
/// Fails if a row cannot be read, or if a row or its units are missing in the other file.
pub(crate) fn parse_call_costs(page: &str, units: &str) -> Result<Vec<CallCost>> {
    let mut units = parse_units(units)?;
    let tables = page.split(TABLE_START).skip(1);
    let rows = tables.flat_map(|table| table.lines().take_while(|line| line.starts_with('|')));
    let mut costs = Vec::new();
    for line in rows {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, label, trips, _, what, ..] = cells[..] else {
            return Err(Error::new(format!("docs/COSTS.md: not a row: {line}")));
        };
        let (reads, writes) = units
            .remove(label)
            .ok_or_else(|| Error::new(format!("bench/units.tsv has no units of {label}")))?;
        costs.push(CallCost {
            label: label.to_owned(),
            trips: maximum(trips)?,
            reads,
            writes,
            transactions: count_transactions(what),
        });
    }
    match units.into_keys().next() {
        Some(label) => Err(Error::new(format!("docs/COSTS.md has no row {label}"))),
        None => Ok(costs),
    }
}

/// Counts the transactions in the first sentence of a row, which describes the usual case: `transaction of 5` for each,
/// and `transaction` without a number once.
fn count_transactions(what: &str) -> f64 {
    let what = what.split(". ").next().unwrap_or_default();
    let counted =
        what.matches("transaction of").count().max(usize::from(what.contains("transaction")));
    f64::from(u8::try_from(counted).unwrap_or(u8::MAX))
}

/// Reads the largest read and write units of each call.
fn parse_units(text: &str) -> Result<BTreeMap<String, (f64, f64)>> {
    let mut units = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<_> = line.split('\t').collect();
        let [label, _, reads, _, writes] = cells[..] else {
            return Err(Error::new(format!("bench/units.tsv: not a row: {line}")));
        };
        units.insert(label.to_owned(), (number(reads)?, number(writes)?));
    }
    Ok(units)
}

/// Reads a number, or the end of a range such as `2 to 3`.
fn maximum(text: &str) -> Result<f64> {
    number(text.rsplit(" to ").next().unwrap_or(text))
}

fn number(text: &str) -> Result<f64> {
    text.parse().map_err(|_| Error::new(format!("not a number: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Costs\n\n| call | trips | calls | what |\n|---|---|---|---|\n\
        | GET /v1/me | 1 | 1 | user and session |\n\
        | POST /v1/x | 2 to 3 | 4 | user; transaction of 2 |\n\nText | with | bars | and |\n";
    const UNITS: &str = "call\tr\tr\tw\tw\nGET /v1/me\t2\t2\t0\t0\nPOST /v1/x\t2\t3\t4\t6";

    #[test]
    fn a_row_has_its_largest_numbers() {
        let costs = parse_call_costs(PAGE, UNITS).unwrap();
        assert_eq!(costs.len(), 2);
        assert_eq!((costs[1].trips, costs[1].reads, costs[1].writes), (3.0, 3.0, 6.0));
        assert_eq!((costs[0].transactions, costs[1].transactions), (0.0, 1.0));
    }

    #[test]
    fn a_row_without_units_is_an_error() {
        let error = parse_call_costs(PAGE, "call\nGET /v1/me\t2\t2\t0\t0").unwrap_err();
        assert_eq!(error.to_string(), "bench/units.tsv has no units of POST /v1/x");
    }

    #[test]
    fn units_without_a_row_are_an_error() {
        let error = parse_call_costs(PAGE, &format!("{UNITS}\nGET /v1/y\t1\t1\t0\t0")).unwrap_err();
        assert_eq!(error.to_string(), "docs/COSTS.md has no row GET /v1/y");
    }
}

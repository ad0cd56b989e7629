//! Whether the books are right: of every world, when its test is over.

use std::collections::BTreeMap;
use std::thread;

use serde_json::Value;

use crate::World;
use crate::way::Way;

/// The books of a world; they are looked at when it ends, unless its test has failed already.
pub(crate) struct Books {
    way: Way,
    table: String,
}

impl Books {
    /// Those in that table.
    pub(crate) fn new(way: Way, table: String) -> Self {
        Self { way, table }
    }

    /// The way to the table that they are in.
    pub(crate) fn way(&self) -> &Way {
        &self.way
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        if !thread::panicking() {
            check(self.way.items_now(&self.table, "LEDGER#"));
        }
    }
}

impl World {
    /// Checks what holds of all ledgers, whatever happened at once.
    pub async fn books_are_right(&self) {
        check(self.items("LEDGER#", "").await);
    }
}

/// Entries are numbered without gaps, each says what there was after it, their sum is the balance, and each
/// cause has one entry.
fn check(rows: Vec<Value>) {
    let number = |row: &Value, name: &str| -> i64 {
        row[name]["N"].as_str().unwrap_or_else(|| panic!("{name} of {row}")).parse().unwrap()
    };
    let text = |row: &Value, name: &str| row[name]["S"].as_str().unwrap().to_owned();
    let mut ledgers: BTreeMap<String, [Vec<Value>; 3]> = BTreeMap::new();
    for row in rows {
        let ledger = ledgers.entry(text(&row, "pk")).or_default();
        let sk = text(&row, "sk");
        match sk.split('#').next().unwrap() {
            "BALANCE" => ledger[0].push(row),
            "ENTRY" => ledger[1].push(row),
            "CAUSE" => ledger[2].push(row),
            "CHECKED" => {}
            other => panic!("{other}"),
        }
    }
    for (ledger, [balances, mut entries, causes]) in ledgers {
        let [balance] = &balances[..] else { panic!("{ledger}: {balances:?}") };
        entries.sort_by_key(|entry| number(entry, "number"));
        let (mut quota, mut topups) = (0, 0);
        for (entry, place) in entries.iter().zip(1..) {
            assert_eq!(number(entry, "number"), place, "{ledger}");
            quota += number(entry, "quota_micros");
            topups += number(entry, "topups_micros");
            assert_eq!(number(entry, "balance_after_micros"), quota + topups, "{entry}");
        }
        assert_eq!(number(balance, "entries"), entries.len() as i64, "{ledger}");
        assert_eq!(number(balance, "quota_micros"), quota, "{ledger}");
        assert_eq!(number(balance, "topups_micros"), topups, "{ledger}");
        assert!(quota >= 0, "{ledger}");
        let mut of_entries: Vec<_> =
            entries.iter().map(|entry| (text(entry, "cause"), number(entry, "number"))).collect();
        let mut guards: Vec<_> =
            causes.iter().map(|row| (text(row, "cause"), number(row, "entry"))).collect();
        of_entries.sort();
        guards.sort();
        assert_eq!(of_entries, guards, "{ledger}");
    }
}

//! Checks that all credit ledgers are consistent when a test ends.

use std::collections::BTreeMap;
use std::thread;

use serde_json::Value;

use crate::TestApp;
use crate::engine_handle::EngineHandle;

/// Checks the ledgers of a test app when it is dropped, unless its test has failed already.
pub(crate) struct LedgerCheck {
    engine: EngineHandle,
    table: String,
}

impl LedgerCheck {
    /// Creates a check of the ledgers in a table.
    pub(crate) fn new(engine: EngineHandle, table: String) -> Self {
        Self { engine, table }
    }

    /// Returns the engine that holds the table.
    pub(crate) fn engine(&self) -> &EngineHandle {
        &self.engine
    }
}

impl Drop for LedgerCheck {
    fn drop(&mut self) {
        if !thread::panicking() {
            assert_consistent(self.engine.items_now(&self.table, "LEDGER#"));
        }
    }
}

impl TestApp {
    /// Asserts the invariants of all ledgers.
    pub async fn assert_ledgers_consistent(&self) {
        assert_consistent(self.items("LEDGER#", "").await);
    }
}

/// Asserts that a ledger is consistent: entries are numbered without gaps, each has the balance after it, and their
/// sum is the balance. Each cause has one entry, and recent debits have the numbers of their entries.
fn assert_consistent(rows: Vec<Value>) {
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
        let recent = balance["recent_debits"]["M"].as_object();
        let recent: BTreeMap<_, i64> = recent
            .into_iter()
            .flatten()
            .map(|(key, number)| (format!("usage#{key}"), number["N"].as_str().unwrap()))
            .map(|(cause, number)| (cause, number.parse().unwrap()))
            .collect();
        // A pending debit has a guard without a number. If its call was interrupted after the commit, the balance has
        // the number.
        let place = |row: &Value| match row.get("entry") {
            Some(_) => Some(number(row, "entry")),
            None => recent.get(&text(row, "cause")).copied(),
        };
        let mut guards: Vec<_> = causes
            .iter()
            .filter_map(|row| place(row).map(|number| (text(row, "cause"), number)))
            .collect();
        of_entries.sort();
        guards.sort();
        assert_eq!(of_entries, guards, "{ledger}");
        for recent in recent {
            assert!(of_entries.contains(&recent), "{ledger}: {recent:?}");
        }
    }
}

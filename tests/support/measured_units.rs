//! Compares the capacity units of a call with `bench/units.tsv`, from which `bench/scale` computes costs and limits.
//!
//! After a change of what calls read or write, delete all lines of the file but the first, run
//! `UPDATE_UNITS=1 cargo nextest run --workspace -E 'test(round_trips)'` and review the diff.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::ops::RangeInclusive;
use std::path::Path;

use crate::Cost;

/// The units of one row: the read and the write capacity units that were measured.
struct MeasuredUnits {
    label: String,
    rcu: RangeInclusive<f64>,
    wcu: RangeInclusive<f64>,
}

/// Asserts that a call consumed the capacity units that `bench/units.tsv` has for the label, or, with
/// `UPDATE_UNITS`, extends the ranges of the file by it. If the row is not exact, only its label must be there.
///
/// The measurements of DynamoDB Local are not compared, because the file has those of the embedded engine.
#[track_caller]
pub(crate) fn assert_units(cost: &Cost, label: &str, is_exact: bool) {
    if crate::is_dynamodb_local() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/units.tsv");
    let is_update = std::env::vars().any(|(name, _)| name == "UPDATE_UNITS");
    let mut file = OpenOptions::new().read(true).write(is_update).open(path).unwrap();
    if is_update {
        // Tests run in processes of their own, side by side.
        file.lock().unwrap();
        update(&mut file, cost, label);
        return;
    }
    let (_, rows) = read(&mut file);
    let row = rows.iter().find(|row| row.label == label);
    let row = row.unwrap_or_else(|| panic!("bench/units.tsv has no row {label}"));
    let MeasuredUnits { rcu, wcu, .. } = row;
    let is_as_recorded = rcu.contains(&cost.rcu) && wcu.contains(&cost.wcu);
    assert!(
        is_as_recorded || !is_exact,
        "{label}: recorded {rcu:?} RCU and {wcu:?} WCU, measured {cost:?}"
    );
}

/// Extends the ranges of a row by a measurement, or adds the row.
fn update(file: &mut File, cost: &Cost, label: &str) {
    let (head, mut rows) = read(file);
    match rows.iter_mut().find(|row| row.label == label) {
        Some(row) => {
            row.rcu = row.rcu.start().min(cost.rcu)..=row.rcu.end().max(cost.rcu);
            row.wcu = row.wcu.start().min(cost.wcu)..=row.wcu.end().max(cost.wcu);
        }
        None => rows.push(MeasuredUnits {
            label: label.to_owned(),
            rcu: cost.rcu..=cost.rcu,
            wcu: cost.wcu..=cost.wcu,
        }),
    }
    rows.sort_by(|one, other| one.label.cmp(&other.label));
    let mut text = head;
    for MeasuredUnits { label, rcu, wcu } in rows {
        let (rcu_start, rcu_end, wcu_start, wcu_end) =
            (rcu.start(), rcu.end(), wcu.start(), wcu.end());
        text += &format!("\n{label}\t{rcu_start}\t{rcu_end}\t{wcu_start}\t{wcu_end}");
    }
    text += "\n";
    file.rewind().unwrap();
    file.set_len(0).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Reads the first line, which names the columns, and the rows.
fn read(file: &mut File) -> (String, Vec<MeasuredUnits>) {
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    let (head, rows) = text.split_once('\n').unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.split('\t').collect();
        let number = |column: usize| cells[column].parse::<f64>().unwrap();
        MeasuredUnits {
            label: cells[0].to_owned(),
            rcu: number(1)..=number(2),
            wcu: number(3)..=number(4),
        }
    };
    (head.to_owned(), rows.lines().map(row).collect())
}

//! The simulation of debits obeys what must hold for any system of its kind.

#![allow(clippy::unwrap_used)] // a test says so by failing

use bench_scale::{
    Inputs, Limits, SimulationOutcome, SimulationParams, Split, simulate_transactions,
    simulate_updates, workspace_root,
};
use proptest::prelude::*;

fn params() -> (Limits, SimulationParams) {
    let inputs = Inputs::read(&workspace_root()).unwrap();
    (inputs.limits, inputs.workload.simulation)
}

/// Simulates all designs.
fn all(limits: &Limits, params: &SimulationParams, callers: usize) -> [SimulationOutcome; 3] {
    [
        simulate_transactions(limits, params, callers),
        simulate_updates(limits, params, Split::One, callers),
        simulate_updates(limits, params, Split::ForHeat, callers),
    ]
}

#[test]
fn the_same_seed_has_the_same_result() {
    let (limits, mut params) = params();
    params.seconds = 5;
    let first = all(&limits, &params, 30);
    assert_eq!(first, all(&limits, &params, 30));
    params.seed += 1;
    assert_ne!(first, all(&limits, &params, 30));
}

#[test]
fn a_caller_alone_meets_nobody() {
    let (limits, params) = params();
    for outcome in all(&limits, &params, 1) {
        assert!(outcome.debits_per_s > 1.0, "{outcome:?}");
        let met = outcome.conflicts_per_debit + outcome.throttles_per_debit + outcome.refused_share;
        assert!(met == 0.0, "{outcome:?}");
    }
}

#[test]
fn only_transactions_conflict() {
    let (limits, params) = params();
    let [transactions, updates, split] = all(&limits, &params, 50);
    assert!(transactions.conflicts_per_debit > 0.5, "{transactions:?}");
    for outcome in [updates, split] {
        assert!(outcome.conflicts_per_debit == 0.0, "{outcome:?}");
    }
}

#[test]
fn single_writes_end_at_the_units_of_a_partition() {
    let (limits, params) = params();
    let [transactions, updates, split] = all(&limits, &params, 1_000);
    let units = limits.dynamodb.partition_writes_per_s;
    let of_balance = limits.dynamodb.write_units(params.full_balance_bytes);
    // Guard twice, entry and balance, in one partition; then only the balance. The bucket holds a second of units. Old
    // debits are removed when units are left.
    let burst = 1.0 + 1.0 / params.seconds as f64;
    let shortening = of_balance / params.shorten_one_in as f64;
    for (outcome, of_debit) in [(updates, 3.0 + of_balance), (split, of_balance)] {
        let range = 0.97 * units / (of_debit + shortening)..burst * units / of_debit;
        assert!(range.contains(&outcome.debits_per_s), "{range:?} {outcome:?}");
    }
    assert!(transactions.debits_per_s < 50.0, "{transactions:?}");
}

#[test]
fn without_limits_only_latency_counts() {
    let (mut limits, mut params) = params();
    limits.dynamodb.partition_writes_per_s = 1e6;
    params.pause_ms = 0;
    let outcome = simulate_updates(&limits, &params, Split::One, 100);
    let expected = 100.0 / (outcome.mean_ms / 1000.0);
    assert!((outcome.debits_per_s / expected - 1.0).abs() < 0.02, "{outcome:?}");
    // Each caller holds an execution all the time.
    assert!((outcome.executions / 100.0 - 1.0).abs() < 0.02, "{outcome:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn littles_law_holds(callers in 1..60_usize, seed in any::<u64>()) {
        let (limits, mut params) = params();
        (params.seed, params.seconds) = (seed, 60);
        for outcome in all(&limits, &params, callers) {
            // Every caller is in a debit or in the pause after it.
            let present = outcome.debits_per_s * (outcome.mean_ms + params.pause_ms as f64) / 1000.0;
            let callers = callers as f64;
            prop_assert!((present - callers).abs() < 0.1 * callers + 0.5, "{present} {outcome:?}");
        }
    }

    #[test]
    fn a_partition_at_its_capacity_reports_throttling(
        callers in 1..400_usize, units in 50.0..2_000.0_f64,
    ) {
        let (mut limits, mut params) = params();
        (params.seconds, params.warm_up_seconds) = (10, 0);
        limits.dynamodb.partition_writes_per_s = 1e6;
        let unlimited = all(&limits, &params, callers);
        limits.dynamodb.partition_writes_per_s = units.round();
        for (outcome, unlimited) in all(&limits, &params, callers).into_iter().zip(unlimited) {
            // The bucket is full at the start, with the units of a second.
            prop_assert!(outcome.utilization <= 1.0 + 1.0 / params.seconds as f64 + 1e-9, "{outcome:?}");
            let is_slowed = outcome.debits_per_s < unlimited.debits_per_s;
            prop_assert!(outcome.throttles_per_debit > 0.0 || !is_slowed, "{outcome:?} {unlimited:?}");
            let needs_too_much = unlimited.utilization * 1e6 > 1.2 * units;
            prop_assert!(outcome.throttles_per_debit > 0.0 || !needs_too_much, "{outcome:?} {unlimited:?}");
        }
    }

    #[test]
    fn a_split_never_makes_it_slower(callers in 1..300_usize) {
        let (limits, mut params) = params();
        params.seconds = 10;
        let [_, one, split] = all(&limits, &params, callers);
        prop_assert!(split.debits_per_s >= one.debits_per_s * 0.95, "{one:?} {split:?}");
    }
}

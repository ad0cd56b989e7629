//! The model fits the measurements that it is computed from, and scales with the load.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says so by failing

use bench_scale::{
    CALL_OF_DEBIT, Inputs, Load, TableSize, concurrency, dollars_per_million, duration_ms,
    hot_partitions, monthly_bill, workspace_root,
};
use proptest::prelude::*;

fn inputs() -> Inputs {
    Inputs::read(&workspace_root()).unwrap()
}

fn inputs_with_load(factor: f64) -> Inputs {
    let mut inputs = inputs();
    inputs.workload.requests_per_s *= factor;
    inputs
}

#[test]
fn littles_law_counts_what_is_there() {
    // 100 requests a second of 50 ms each: 5 at any time.
    assert!((concurrency(100.0, 0.05) - 5.0).abs() < 1e-9);
    let inputs = inputs();
    let load = Load::new(&inputs).unwrap();
    let by_hand: f64 = load
        .calls
        .iter()
        .map(|call| call.demand.requests * duration_ms(&inputs, call.cost).unwrap() / 1000.0)
        .sum();
    assert!((load.total().concurrency - load.worker.concurrency - by_hand).abs() < 1e-6);
    let by_function: f64 = load.concurrency_by_function().values().sum();
    assert!((load.total().concurrency - by_function).abs() < 1e-6);
}

#[test]
fn partitions_of_a_call_consume_no_more_than_was_measured() {
    let inputs = inputs();
    for cost in &inputs.costs {
        let partitions =
            inputs.workload.partitions.iter().filter(|partition| !partition.is_outside_the_call);
        let of_call: Vec<_> = partitions
            .flat_map(|partition| &partition.calls)
            .filter(|call| call.call == cost.label)
            .collect();
        let writes: f64 = of_call.iter().map(|call| call.writes).sum();
        let reads: f64 = of_call.iter().map(|call| call.reads).sum();
        assert!(writes <= cost.writes, "{}: {writes} of {} WCU", cost.label, cost.writes);
        assert!(reads <= cost.reads, "{}: {reads} of {} RCU", cost.label, cost.reads);
    }
}

#[test]
fn a_simulated_charge_has_the_measured_units() {
    let inputs = inputs();
    let params = &inputs.workload.simulation;
    // The measured organization has few recent debits. The guard is written twice.
    let items = [params.guard_bytes, params.balance_bytes, params.entry_bytes, params.guard_bytes];
    let units: f64 = items.iter().map(|bytes| inputs.limits.dynamodb.write_units(*bytes)).sum();
    assert!((units - inputs.cost(CALL_OF_DEBIT).unwrap().writes).abs() < 1e-9, "{units}");
}

#[test]
fn items_pay_for_each_started_kilobyte_twice_in_a_transaction() {
    let limits = inputs().limits.dynamodb;
    for (bytes, units) in [(0.0, 2.0), (1.0, 2.0), (1024.0, 2.0), (1025.0, 4.0), (4096.0, 8.0)] {
        assert!((limits.transaction_units(bytes) - units).abs() < 1e-9, "{bytes}");
    }
}

#[test]
fn every_call_has_a_route_a_duration_and_a_price() {
    let inputs = inputs();
    for cost in &inputs.costs {
        assert!(duration_ms(&inputs, cost).unwrap() > 0.0, "{}", cost.label);
        assert!(dollars_per_million(&inputs, cost).unwrap() > 0.0, "{}", cost.label);
    }
    assert!(inputs.template.route("GET /v1/unknown").is_err());
}

#[test]
fn a_sign_in_takes_longer_than_its_round_trips() {
    let inputs = inputs();
    let hash = duration_ms(&inputs, inputs.cost("POST /v1/login").unwrap()).unwrap();
    let without =
        duration_ms(&inputs, inputs.cost("POST /v1/login: while it is delayed").unwrap()).unwrap();
    assert!(hash > without + inputs.limits.compute.hash_vcpu_ms, "{hash} {without}");
}

#[test]
fn the_mix_must_be_a_whole() {
    let mut inputs = inputs();
    inputs.workload.mix[0].share += 0.01;
    let error = inputs.workload.validate().unwrap_err().to_string();
    assert!(error.contains("not to 1"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn twice_the_load_takes_twice_the_units(factor in 0.01..100.0_f64) {
        let (one, two) = (inputs_with_load(factor), inputs_with_load(2.0 * factor));
        let (first, second) = (Load::new(&one).unwrap(), Load::new(&two).unwrap());
        let (first, second) = (first.total(), second.total());
        for (once, twice) in [
            (first.reads, second.reads),
            (first.writes, second.writes),
            (first.concurrency, second.concurrency),
            (first.gb_seconds, second.gb_seconds),
        ] {
            prop_assert!((twice / once - 2.0).abs() < 1e-9, "{once} {twice}");
        }
    }

    #[test]
    fn a_partition_over_its_capacity_is_throttled(factor in 0.01..1_000.0_f64) {
        let inputs = inputs_with_load(factor);
        for partition in hot_partitions(&inputs) {
            prop_assert!(partition.utilization() <= 1.0);
            let is_too_much = partition.writes_per_s > inputs.limits.dynamodb.partition_writes_per_s
                || partition.reads_per_s > inputs.limits.dynamodb.partition_reads_per_s;
            prop_assert_eq!(partition.is_throttled(), is_too_much);
            prop_assert_eq!(partition.served_share() < 1.0, is_too_much);
        }
    }

    #[test]
    fn more_load_costs_more_but_never_more_for_a_request(factor in 1.0..50.0_f64) {
        let dollars = |inputs: &Inputs| -> f64 {
            let bill = monthly_bill(inputs, &Load::new(inputs).unwrap(), &TableSize::new(inputs));
            bill.iter().map(|line| line.dollars).sum()
        };
        let (once, more) = (dollars(&inputs()), dollars(&inputs_with_load(factor)));
        prop_assert!(more >= once && more <= once * factor + 1e-6, "{once} {more}");
    }

    #[test]
    fn more_shards_relieve_work_lists(shards in 1.0..64.0_f64) {
        let mut inputs = inputs();
        inputs.workload.work_list_shards = shards;
        for partition in hot_partitions(&inputs) {
            let is_list = ["WORK#", "ERASURE#", "MOVED#"].iter().any(|key| partition.key.starts_with(key));
            let one = if is_list { partition.needed_share * shards } else { partition.needed_share };
            prop_assert!((one - partition.needed_share_of_one).abs() < 1e-9, "{}", partition.key);
        }
    }
}

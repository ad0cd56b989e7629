//! The table of schedules in `docs/OPERATIONS.md` has the numbers of the code, and each schedule suffices.

use std::collections::BTreeMap;

use serde_norway::Value;
use shared::keys::SHARDS;
use tests::template::template;
use tests::time::DAY;

use super::openapi_limits::with_separators;
use super::quoted_constants::constant;

/// Items a second that a run finishes, for each item that it works on at the same time, as the page assumes.
const ITEMS_PER_S: u64 = 10;

/// What a schedule can do, and what is needed, a day.
struct Capacity {
    run: u64,
    day: u64,
    needed: f64,
}

/// Returns how often a schedule of the template runs in a day.
fn runs_a_day(event: &str) -> u64 {
    let template = template();
    let events = &template["Resources"]["WorkerFunction"]["Properties"]["Events"];
    match events[event]["Properties"]["Schedule"].as_str().unwrap() {
        "rate(1 hour)" => 24,
        "rate(1 day)" => 1,
        other => panic!("{event}: {other}"),
    }
}

/// Returns the load of `bench/workload.yaml`.
fn workload() -> Value {
    serde_norway::from_str(include_str!("../../bench/workload.yaml")).unwrap()
}

/// Returns how often a call is made in a day.
fn calls_a_day(call: &str) -> f64 {
    let workload = workload();
    let mix = workload["mix"].as_sequence().unwrap();
    let share = mix.iter().find(|part| part["call"] == call).unwrap();
    let requests = workload["requests_per_s"].as_f64().unwrap();
    requests * share["share"].as_f64().unwrap() * 86_400.0
}

/// Returns the capacities by the work that the page names.
fn capacities() -> BTreeMap<&'static str, (&'static str, Capacity)> {
    let users = workload()["users"].as_f64().unwrap();
    let (hourly, daily) = (runs_a_day("Hourly"), runs_a_day("Daily"));
    assert_eq!(runs_a_day("Billing"), daily);
    let every_hour = |run: u64, needed: f64| Capacity { run, day: run * hourly, needed };
    let in_time =
        constant("concurrent::CONCURRENCY") * constant("concurrent::START_TIMEOUT") * ITEMS_PER_S;
    let jobs = constant("list_pending::MAX_JOBS_PER_SHARD") * u64::from(SHARDS);
    let ended_runs = calls_a_day("PATCH /v1/runs/{run_id}");
    let uploads = calls_a_day("POST /v1/artifacts: new content");
    let sign_ups = calls_a_day("POST /v1/register: new address");
    let erasures = Capacity {
        run: constant("erasures::ERASURES_PER_RUN"),
        // A step takes a second.
        day: constant("erasures::ERASURES_PER_STEP") * DAY,
        needed: users * 0.1 / 365.0 + sign_ups * 0.1,
    };
    let ledgers = Capacity {
        run: constant("reconcile::LEDGERS_PER_RUN"),
        // A step takes two seconds.
        day: constant("reconcile::LEDGERS_PER_STEP") * DAY / 2,
        needed: users,
    };
    let entries = constant("stripe_comparison::MAX_PAGES_PER_STEP") * 100;
    let days = constant("stripe_comparison::LOOKBACK") / DAY;
    let compared = Capacity {
        run: entries,
        // A step takes ten seconds, and each entry is compared on several days.
        day: entries * DAY / 10 / days,
        needed: 25_000.0 * 5.0 / 30.0,
    };
    let deletions = constant("organization_deletions::DELETIONS_PER_RUN");
    BTreeMap::from([
        ("jobs that failed or wait", ("hourly", every_hour(jobs, ended_runs / 1_000.0))),
        ("abandoned uploads", ("hourly", every_hour(in_time, uploads * 0.01))),
        (
            "warnings before tokens expire",
            ("hourly", every_hour(in_time, users * 0.1 / 90.0 * 2.0)),
        ),
        ("deleted organizations", ("hourly", every_hour(deletions, users * 0.01 / 365.0))),
        ("erasures, and a job for the others", ("daily", erasures)),
        ("ledgers, and a job for the others", ("billing", ledgers)),
        ("comparison with Stripe, and a job for the rest", ("billing", compared)),
    ])
}

/// The parts of a scheduled run, or of a step of a job, end before it times out.
#[test]
fn the_times_of_the_worker_fit_into_each_other() {
    let timeout = template()["Resources"]["WorkerFunction"]["Properties"]["Timeout"].as_u64();
    let timeout = timeout.unwrap();
    let ledgers =
        constant("reconcile::LEDGER_START_TIMEOUT") + constant("reconcile::LEDGER_TIMEOUT");
    let events = constant("compare_with_stripe::EVENT_START_TIMEOUT")
        + constant("compare_with_stripe::EVENT_TIMEOUT");
    let first_step = constant("compare_with_stripe::FIRST_STEP_TIMEOUT");
    let long_step = constant("jobs::LONG_STEP_TIMEOUT");
    assert!(events < first_step && ledgers + first_step < timeout);
    assert!(ledgers < long_step && long_step < timeout);
    assert!(constant("erasures::ERASURE_TIMEOUT") < constant("jobs::STEP_TIMEOUT"));
    assert!(
        constant("concurrent::START_TIMEOUT") + constant("jobs::STEP_TIMEOUT") < timeout,
        "a step of a job that starts last"
    );
}

#[test]
fn the_table_of_schedules_is_true_and_each_suffices() {
    let page = include_str!("../../docs/OPERATIONS.md");
    let section = page.split_once("\n## Schedules\n").unwrap().1.split("\n## ").next().unwrap();
    let rows: Vec<Vec<_>> = section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| schedule |"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let mut capacities = capacities();
    for row in rows {
        let [_, schedule, work, run, day, needed, ..] = row[..] else { panic!("{row:?}") };
        let (expected, capacity) = capacities.remove(work).unwrap_or_else(|| panic!("{work}"));
        assert_eq!(schedule, expected, "{work}");
        let rounded: u64 = format!("{:.0}", capacity.needed).parse().unwrap();
        let numbers = [capacity.run, capacity.day, rounded].map(with_separators);
        assert_eq!([run, day, needed], numbers, "{work}");
        assert!(capacity.day >= rounded, "{work}: {} of {rounded}", capacity.day);
    }
    assert!(capacities.is_empty(), "the page lacks {:?}", capacities.keys());
}

//! What makes the worker's alarms on its log ring.

use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::accounts::deletion::Erasure;
use shared::activity::Log;
use shared::billing::stripe_comparison::StripeComparison;
use shared::dynamo::{Condition, Key, Update};
use shared::error::{Error, Result};
use shared::ids::{OrganizationId, UserId};
use shared::jobs::{Job, JobRecord};
use shared::keys;
use shared::schedule_cursor::{ScheduledList, store_cursor};
use tests::CapturedLog;
use tests::billing::BillingFixture;
use tests::faults::PERMANENTLY;
use tests::log_alarm::LogAlarm;
use tests::records::insert_record;
use tests::time::{DAY, HOUR};
use tests::{CARD, Fault, FaultProxy, TestApp};
use worker::Worker;

/// The id of each run of a schedule in this file.
const REQUEST_ID: &str = "run-of-a-schedule";

/// Runs a schedule of the worker. Returns the lines that the run logs, without those of other tasks of the stack.
async fn run_schedule(
    app: &TestApp,
    log: &CapturedLog,
    schedule: &str,
) -> (Result<()>, Vec<Value>) {
    let stack = app.stack();
    let (ctx, clients) = (stack.context().clone(), stack.clients().clone());
    let worker = Worker::new(ctx, clients, stack.blobs().clone());
    let event = serde_json::from_value(json!({"schedule": schedule})).unwrap();
    let mut invocation = LambdaEvent::new(event, lambda_runtime::Context::default());
    invocation.context.request_id = REQUEST_ID.to_owned();
    log.take_lines();
    let result = worker.handle(invocation).await.map(|_| ());
    let mut lines = log.take_lines();
    lines.retain(|line| line["request_id"] == REQUEST_ID);
    (result, lines)
}

/// Lambda repeats a failed run after one minute, and again after two more.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
#[tokio::test]
async fn an_outage_of_the_table_rings_worker_errors() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let alarm = LogAlarm::read("WorkerErrorsAlarm");
    let (done, healthy) = run_schedule(&app, &log, "hourly").await;
    done.unwrap();
    assert!(!healthy.is_empty(), "the log is captured");
    assert!(!alarm.rings("worker", &[&healthy, &healthy, &healthy, &healthy, &healthy]));
    let mut runs = Vec::new();
    for _ in 0..3 {
        engine.inject(Fault::Broken, 0, PERMANENTLY);
        let (done, lines) = run_schedule(&app, &log, "hourly").await;
        done.unwrap_err();
        assert!(lines.iter().any(|line| line["message"] == "a schedule failed"), "{lines:?}");
        runs.push(lines);
    }
    assert!(engine.clear_fault());
    let [first, second, third] = &runs[..] else { panic!("three runs") };
    assert!(!alarm.rings("worker", &[&[], &[], &[], first, second]));
    assert!(alarm.rings("worker", &[&[], first, second, &[], third]));
}

/// The worker may erase an account late, but not a day and a half.
#[tokio::test]
async fn an_overdue_erasure_rings_schedule_backlog() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let app = TestApp::start().await;
    let alarm = LogAlarm::read("ScheduleBacklogAlarm");
    let ctx = app.stack().context();
    let insert = async |hours: u64| {
        let due_at = ctx.now().minus(std::time::Duration::from_secs(hours * HOUR));
        let user_id = UserId::generate(&*ctx.random);
        insert_record(&app, &Erasure { user_id, due_at }).await;
        let (done, lines) = run_schedule(&app, &log, "daily").await;
        done.unwrap();
        lines
    };
    let punctual = insert(12).await;
    assert!(!alarm.rings("worker", &[&punctual]), "{punctual:?}");
    let overdue = insert(37).await;
    assert_eq!(alarm.value("worker", &overdue), Some(1.0), "{overdue:?}");
    assert!(alarm.rings("worker", &[&overdue]));
}

/// The audit of a ledger may take a day, but not two.
#[tokio::test]
async fn an_overdue_ledger_rings_schedule_backlog() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let alarm = LogAlarm::read("ScheduleBacklogAlarm");
    let ctx = app.stack().context();
    for (days, expected) in [(1, None), (2, Some(1.0))] {
        let day = ctx.now().minus(std::time::Duration::from_secs(days * DAY)).day();
        let first = keys::shard_partitions(&keys::changed_ledgers_of(&day)).next().unwrap();
        let cursor = Key::new(first, "");
        store_cursor(ctx, ScheduledList::Ledgers, &[cursor]).await.unwrap();
        let id = OrganizationId::generate(&*ctx.random);
        let key = keys::changed_ledger(&day, &id);
        bulk.put(vec![json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}, "day": {"S": day},
            "client_id": {"S": id.as_str()}, "expires_at": {"N": "99999999999"}})])
            .await;
        let (done, lines) = run_schedule(&app, &log, "billing").await;
        done.unwrap();
        assert_eq!(alarm.value("worker", &lines), expected, "{days} days: {lines:?}");
    }
}

/// The comparison with Stripe may take half a day.
#[tokio::test]
async fn an_overdue_comparison_rings_schedule_backlog() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let alarm = LogAlarm::read("ScheduleBacklogAlarm");
    for (hours, expected) in [(11, None), (13, Some(1.0))] {
        let app = TestApp::start().await;
        app.control_stripe("faults", json!({"next": 1_000, "status": 500})).await;
        let began = app.stack().context().now();
        let began = began.minus(std::time::Duration::from_secs(hours * HOUR));
        let job = Job::CompareWithStripe(StripeComparison::begin(began));
        insert_record(&app, &JobRecord { job, parts: 0, request_id: None }).await;
        let (done, lines) = run_schedule(&app, &log, "billing").await;
        done.unwrap();
        assert_eq!(alarm.value("worker", &lines), expected, "{hours} hours: {lines:?}");
    }
}

#[tokio::test]
async fn a_webhook_that_never_came_rings_unprocessed_events() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let fixture = BillingFixture::start().await;
    let app = &fixture.app;
    let alarm = LogAlarm::read("UnprocessedEventsAlarm");
    app.set_webhook_delivery("hold").await;
    fixture.buy_credits(500, CARD).await;
    let (done, found) = run_schedule(app, &log, "billing").await;
    done.unwrap();
    let count = alarm.value("worker", &found).unwrap_or_default();
    assert!(count >= 1.0 && alarm.rings("worker", &[&found]), "{found:?}");
    let (done, processed) = run_schedule(app, &log, "billing").await;
    done.unwrap();
    assert!(!alarm.rings("worker", &[&processed]), "{processed:?}");
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_wrong_ledger_or_payment_rings_ledger_mismatch() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, client, .. } = &fixture;
    let alarm = LogAlarm::read("LedgerMismatchAlarm");
    // The audit adds up the ledgers that changed on the same day.
    app.advance_to_next(DAY).await;
    let payment = fixture.payment_id(&fixture.buy_credits(500, CARD).await).await;
    app.advance_clock(2 * HOUR).await;
    let ctx = app.stack().context();
    let change = async |update: Update| {
        let mut tx = ctx.table.transaction();
        tx.update(update.only_if(Condition::Exists), Error::NotFound).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    };
    let balance =
        |by| Update::new(keys::balance(&client.parse().unwrap())).add("topups_micros", by);
    let amount = |by| Update::new(keys::stripe_object(&payment)).add("amount", by);
    let changes: [(&dyn Fn(i64) -> Update, &str); 2] = [(&balance, "ledger"), (&amount, "payment")];
    for (wrong, audit) in changes {
        change(wrong(1)).await;
        let (done, lines) = run_schedule(app, &log, "billing").await;
        done.unwrap();
        change(wrong(-1)).await;
        assert!(lines.iter().any(|line| line["audit"] == audit), "{audit}: {lines:?}");
        assert!(alarm.rings("worker", &[&lines]), "{audit}: {lines:?}");
    }
    let (done, right) = run_schedule(app, &log, "billing").await;
    done.unwrap();
    assert!(!alarm.rings("worker", &[&right]), "{right:?}");
    app.assert_ledgers_consistent().await;
}

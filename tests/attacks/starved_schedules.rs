//! Scheduled work goes on where it stopped: items that fail, or are many, hide no others.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::list_due_erasures;
use shared::billing::changed_ledgers::{list_changed_ledgers, store_ledgers_cursor};
use shared::billing::stripe_comparison::StripeComparison;
use shared::billing::unprocessed_events::list_unprocessed_events;
use shared::clock::Timestamp;
use shared::dynamo::{Key, Record};
use shared::ids::{OrganizationId, ProjectId, UserId};
use shared::jobs::{Job, JobRecord, list_pending, store_jobs_cursor};
use shared::keys;
use tests::account_deletion::delete_account;
use tests::account_erasure::{UNIQUE_NAME, items_containing};
use tests::billing::{BillingFixture, reconcile};
use tests::records::insert_record;
use tests::time::{DAY, HOUR};
use tests::{CARD, TestApp, row};

/// More due erasures, ledgers or events of Stripe than one scheduled run reads.
const MANY: usize = 1_050;

/// More jobs of one shard than one scheduled run reads.
const MANY_OF_A_SHARD: usize = 70;

/// The id of the request that caused the jobs.
const REQUEST_ID: &str = "request-of-a-job";

/// Makes rows of jobs that cannot be parsed, with names from `a-stuck-job#` on, in one shard.
fn stuck_jobs(shard: u8) -> Vec<Value> {
    let names = (0..).map(|number| format!("a-stuck-job#{number:0>6}"));
    let names = names.filter(|name| keys::shard(name) == shard).take(MANY_OF_A_SHARD);
    let row = |name: String| {
        let key = keys::job(&name);
        json!({"pk": {"S": key.pk}, "sk": {"S": key.sk},
            "job": {"M": {"name": {"S": "unknown"}}}, "parts": {"N": "0"}})
    };
    names.map(row).collect()
}

/// Makes a job that sweeps a project which does not exist.
fn sweep_job(app: &TestApp) -> JobRecord {
    let ctx = app.stack().context();
    let organization = OrganizationId::generate(&*ctx.random);
    let project_id = ProjectId::generate(&*ctx.random, ctx.now(), &organization);
    JobRecord {
        job: Job::SweepProject { project_id },
        parts: 0,
        request_id: Some(REQUEST_ID.to_owned()),
    }
}

#[tokio::test]
async fn starved_schedules_stuck_jobs_do_not_hide_others() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let job = sweep_job(&app);
    let stuck = stuck_jobs(keys::shard(&job.job.name()));
    bulk.put(stuck.into_iter().chain([row(&job)]).collect()).await;
    // The first run reads stuck jobs of the shard only, and the second goes on behind them.
    app.advance_clock(60 * 60).await;
    assert_eq!(app.items(keys::JOBS, "sweep-project#").await.len(), 1);
    app.advance_clock(60 * 60).await;
    assert!(app.items(keys::JOBS, "sweep-project#").await.is_empty());
    assert_eq!(app.items(keys::JOBS, "a-stuck-job#").await.len(), MANY_OF_A_SHARD);
}

#[tokio::test]
async fn starved_schedules_a_full_shard_hides_no_other() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let jobs: Vec<_> = std::iter::repeat_with(|| sweep_job(&app)).take(100).collect();
    let full = keys::shard(&jobs[0].job.name());
    let (hidden, others): (Vec<_>, Vec<_>) =
        jobs.iter().partition(|job| keys::shard(&job.job.name()) == full);
    let rows = stuck_jobs(full).into_iter().chain(jobs.iter().map(row));
    bulk.put(rows.collect()).await;
    // All others are done in the first run.
    app.advance_clock(60 * 60).await;
    assert!(!others.is_empty());
    assert_eq!(app.items(keys::JOBS, "sweep-project#").await.len(), hidden.len());
}

#[tokio::test]
async fn starved_schedules_a_short_run_begins_in_every_shard() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let jobs: Vec<_> = std::iter::repeat_with(|| sweep_job(&app)).take(300).collect();
    bulk.put(jobs.iter().map(row).collect()).await;
    let ctx = app.stack().context();
    let shards = jobs.iter().map(|job| job.key().pk).collect::<BTreeSet<_>>();
    let mut resumed = BTreeSet::new();
    // Each run has time for two jobs of each shard, and the next goes on behind them.
    let each = shards.len() * 2;
    for _ in 0..2 {
        let pending = list_pending(ctx).await.unwrap();
        let started = &pending.jobs[..each];
        let of = started.iter().map(|job| job.key().pk).collect::<BTreeSet<_>>();
        assert_eq!(of, shards);
        assert!(started.iter().all(|job| job.request_id.as_deref() == Some(REQUEST_ID)));
        resumed.extend(started.iter().map(|job| job.job.name()));
        store_jobs_cursor(ctx, &pending.cursor_after(each)).await.unwrap();
    }
    assert_eq!(resumed.len(), 2 * each);
    // A run that resumes all that it reads begins anew afterwards.
    let pending = list_pending(ctx).await.unwrap();
    assert_eq!(pending.jobs.len() + resumed.len(), jobs.len());
    assert_eq!(pending.cursor_after(pending.jobs.len()), Vec::new());
    // One that resumes nothing continues at the same place.
    let before = pending.cursor_after(0);
    assert_eq!(before.len(), shards.len());
    store_jobs_cursor(ctx, &before).await.unwrap();
    let again = list_pending(ctx).await.unwrap();
    assert_eq!(again.jobs, pending.jobs);
}

#[tokio::test]
async fn starved_schedules_a_job_erases_what_a_run_leaves() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ada = app.sign_up(UNIQUE_NAME).await;
    let id = ada.id().await;
    delete_account(&ada).await;
    let ctx = app.stack().context();
    // Erasures that are due earlier, more than one run reads.
    let earlier = |_| {
        let user = UserId::generate(&*ctx.random);
        let key = keys::erasure(ctx.now(), &user);
        json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}, "user_id": {"S": user.as_str()},
            "due_at": {"N": ctx.now().seconds().to_string()}})
    };
    app.advance_clock(13 * DAY + DAY / 2).await;
    bulk.put((0..MANY).map(earlier).collect()).await;
    app.advance_clock(DAY).await;
    for _ in 0..600 {
        if items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
    assert!(app.items(keys::ERASURES, "").await.is_empty());
}

#[tokio::test]
async fn starved_schedules_the_oldest_erasures_come_first() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ctx = app.stack().context();
    let due = |age: usize| {
        let due_at = ctx.now().minus(Duration::from_secs(age as u64));
        Erasure { user_id: UserId::generate(&*ctx.random), due_at }
    };
    // The oldest of all are in one shard.
    let oldest = std::iter::repeat_with(|| due(1_000));
    let mut oldest: Vec<_> =
        oldest.filter(|erasure| keys::shard(erasure.user_id.as_str()) == 7).take(5).collect();
    let mut younger: Vec<_> = (0..95).map(due).collect();
    bulk.put(oldest.iter().chain(&younger).map(row).collect()).await;
    oldest.sort_by_key(|erasure| erasure.key().sk);
    younger.sort_by_key(|erasure| erasure.key().sk);
    let expected: Vec<_> = oldest.iter().chain(&younger).map(Record::key).collect();
    let (mut listed, mut after): (Vec<Key>, Option<String>) = (Vec::new(), None);
    loop {
        let chunk = list_due_erasures(ctx, after.as_deref(), 8).await.unwrap();
        listed.extend(chunk.items.iter().map(Record::key));
        after = listed.last().map(|key| key.sk.clone());
        if !chunk.more {
            break;
        }
    }
    assert_eq!(listed, expected);
}

/// Makes the row of a ledger that changed at a time, of an organization that does not exist.
fn changed_ledger(app: &TestApp, at: Timestamp) -> (OrganizationId, Value) {
    let id = OrganizationId::generate(&*app.stack().context().random);
    let key = keys::changed_ledger(&at.day(), &id);
    let row = json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}, "day": {"S": at.day()},
        "client_id": {"S": id.as_str()}, "expires_at": {"N": "99999999999"}});
    (id, row)
}

#[tokio::test]
async fn starved_schedules_a_job_audits_what_a_run_leaves() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ctx = app.stack().context();
    let yesterday = ctx.now().minus(Duration::from_secs(DAY));
    bulk.put((0..MANY).map(|_| changed_ledger(&app, yesterday).1).collect()).await;
    let ledgers = list_changed_ledgers(ctx, MANY).await.unwrap();
    assert_eq!((ledgers.left_after(0), ledgers.overdue()), (MANY, 0));
    reconcile(&app).await;
    app.wait_for_worker().await;
    assert_eq!(list_changed_ledgers(ctx, MANY).await.unwrap().left_after(0), 0);
    assert!(app.items(keys::JOBS, "audit-ledgers").await.is_empty());
}

#[tokio::test]
async fn starved_schedules_the_ledger_audit_goes_on() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ctx = app.stack().context();
    let changed = |at: Timestamp| changed_ledger(&app, at);
    let yesterday = ctx.now().minus(Duration::from_secs(DAY));
    let (ids, rows): (BTreeSet<_>, Vec<_>) = (0..7).map(|_| changed(yesterday)).unzip();
    let (today_ids, today_rows): (BTreeSet<_>, Vec<_>) = (0..2).map(|_| changed(ctx.now())).unzip();
    bulk.put(rows.into_iter().chain(today_rows).collect()).await;
    let mut audited = Vec::new();
    // Each run has room for five ledgers and time for three.
    for _ in 0..2 {
        let ledgers = list_changed_ledgers(ctx, 5).await.unwrap();
        audited.extend(ledgers.organizations.iter().take(3).cloned());
        store_ledgers_cursor(ctx, &ledgers, 3).await.unwrap();
    }
    assert_eq!(audited.len(), 6);
    let ledgers = list_changed_ledgers(ctx, 5).await.unwrap();
    assert_eq!(ledgers.left_after(0), 1);
    audited.extend(ledgers.organizations.first().cloned());
    assert_eq!(audited.into_iter().collect::<BTreeSet<_>>(), ids);
    // Today's ledgers follow those of yesterday, and are listed again tomorrow.
    let today: BTreeSet<_> = ledgers.organizations[1..].iter().cloned().collect();
    assert_eq!(today, today_ids);
    store_ledgers_cursor(ctx, &ledgers, ledgers.organizations.len()).await.unwrap();
    let again = list_changed_ledgers(ctx, 5).await.unwrap();
    assert_eq!((again.left_after(0), again.organizations.len()), (0, 2));
}

/// Starts a stack in which the webhooks of a purchase of 500 credits never come.
async fn unprocessed_purchase() -> BillingFixture {
    let fixture = BillingFixture::start().await;
    fixture.app.set_webhook_delivery("hold").await;
    fixture.buy_credits(500, CARD).await;
    assert_eq!(fixture.topup_balance().await, 0);
    fixture
}

/// Asserts that the purchase was found once, and that no comparison is left to a job.
async fn assert_found(fixture: &BillingFixture) {
    fixture.app.wait_for_worker().await;
    assert_eq!(fixture.topup_balance().await, 500);
    assert!(fixture.app.items(keys::JOBS, Job::COMPARE_WITH_STRIPE).await.is_empty());
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn starved_schedules_a_job_finds_what_a_run_leaves() {
    let fixture = unprocessed_purchase().await;
    let app = &fixture.app;
    // Stripe lists the latest events first, so those of the purchase come last.
    for _ in 0..MANY {
        let made = app.call_stripe(Method::POST, "customers", "email=x@example.com").await;
        let path = format!("customers/{}", made.expect(200).json()["id"].as_str().unwrap());
        app.call_stripe(Method::DELETE, &path, "").await.expect(200);
    }
    let (ctx, stripe) = (app.stack().context(), &app.stack().clients().stripe);
    let first_step = StripeComparison::begin(ctx.now());
    let listed = list_unprocessed_events(ctx, stripe, &first_step).await.unwrap();
    assert_eq!(listed.events.len(), 1_000);
    assert!(listed.events.iter().all(|event| event.kind == "customer.deleted"));
    reconcile(app).await;
    assert_found(&fixture).await;
    assert!(app.items("STRIPE#evt_", "").await.len() > MANY);
}

#[tokio::test]
async fn starved_schedules_a_failed_comparison_goes_on() {
    let fixture = unprocessed_purchase().await;
    let app = &fixture.app;
    app.control_stripe("faults", json!({"next": 1_000, "status": 500})).await;
    reconcile(app).await;
    app.wait_for_worker().await;
    assert_eq!(app.items(keys::JOBS, Job::COMPARE_WITH_STRIPE).await.len(), 1);
    // The next day's run adds no second job.
    reconcile(app).await;
    app.control_stripe("faults", json!({"next": 0, "status": 500})).await;
    app.advance_clock(HOUR).await;
    assert_found(&fixture).await;
}

#[tokio::test]
async fn starved_schedules_an_old_comparison_begins_again() {
    let fixture = unprocessed_purchase().await;
    let app = &fixture.app;
    let began = app.stack().context().now().minus(Duration::from_secs(11 * DAY));
    // Stripe has deleted the event behind which it would continue, so each of its steps fails.
    let comparison = StripeComparison::begin(began).continue_after("evt_deleted".to_owned());
    let job = Job::CompareWithStripe(comparison);
    insert_record(app, &JobRecord { job, parts: 0, request_id: None }).await;
    app.wait_for_worker().await;
    assert_eq!(app.items(keys::JOBS, Job::COMPARE_WITH_STRIPE).await.len(), 1);
    reconcile(app).await;
    assert_found(&fixture).await;
}

#[tokio::test]
async fn starved_schedules_two_comparisons_at_once_do_no_harm() {
    let fixture = unprocessed_purchase().await;
    tokio::join!(reconcile(&fixture.app), reconcile(&fixture.app));
    assert_found(&fixture).await;
    assert_eq!(fixture.entries("topup").await, [json!(500)]);
}

//! Scheduled work goes on where it stopped: items that fail, or are many, hide no others.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::billing::changed_ledgers::{list_changed_ledgers, store_ledgers_cursor};
use shared::clock::Timestamp;
use shared::ids::{OrganizationId, ProjectId, UserId};
use shared::jobs::{Job, JobRecord};
use shared::keys;
use tests::account_deletion::delete_account;
use tests::account_erasure::{UNIQUE_NAME, items_containing};
use tests::time::DAY;
use tests::{TestApp, row};

/// More than one scheduled run reads.
const MANY: usize = 1_050;

#[tokio::test]
async fn starved_schedules_stuck_jobs_do_not_hide_others() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let stuck = |number: usize| {
        json!({"pk": {"S": keys::JOBS}, "sk": {"S": format!("a-stuck-job#{number:0>6}")},
            "job": {"M": {"name": {"S": "unknown"}}}, "parts": {"N": "0"}})
    };
    bulk.put((0..MANY).map(stuck).collect()).await;
    let ctx = app.stack().context();
    let organization = OrganizationId::generate(&*ctx.random);
    let project_id = ProjectId::generate(&*ctx.random, ctx.now(), &organization);
    let job = Job::SweepProject { project_id };
    bulk.put(vec![row(&JobRecord { job, parts: 0 })]).await;
    // The first run reads stuck jobs only, and the second goes on behind them.
    app.advance_clock(2 * 60 * 60).await;
    assert!(app.items(keys::JOBS, "sweep-project#").await.is_empty());
    assert_eq!(app.items(keys::JOBS, "a-stuck-job#").await.len(), MANY);
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
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(items_containing(&app, &[UNIQUE_NAME, id.as_str()]).await.is_empty());
    assert!(app.items(keys::ERASURES, "").await.is_empty());
}

#[tokio::test]
async fn starved_schedules_the_ledger_audit_goes_on() {
    let (app, bulk) = TestApp::start_with_bulk_writer().await;
    let ctx = app.stack().context();
    let changed = |at: Timestamp| -> (OrganizationId, Value) {
        let id = OrganizationId::generate(&*ctx.random);
        let key = keys::changed_ledger(&at.day(), &id);
        let row = json!({"pk": {"S": key.pk}, "sk": {"S": key.sk}, "day": {"S": at.day()},
            "client_id": {"S": id.as_str()}, "expires_at": {"N": "99999999999"}});
        (id, row)
    };
    let yesterday = ctx.now().minus(std::time::Duration::from_secs(DAY));
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

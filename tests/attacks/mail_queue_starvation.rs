//! An organization that floods the queue of notifications delays nobody's code, and nobody gets more than a
//! bounded number of its mails.

use std::sync::Arc;
use std::time::Duration;

use local::{StackEvent, StackOptions};
use serde_json::json;
use shared::activity::Log;
use shared::ids::{OrganizationId, ProjectId, RunId};
use shared::jobs::Job;
use shared::keys;
use shared::notifications::{NOTIFICATIONS_PER_USER, RUNS_PER_ORGANIZATION};
use shared::organizations::Role;
use tests::TestApp;
use tests::members::sign_up_member;
use tests::notifications::{create_project_fixture, run_mails};
use tests::runs::{insert_project, send_start};
use tests::time::HOUR;
use tokio::sync::mpsc;

/// Runs that the flood ends.
const RUNS: usize = 4_000;

/// Jobs in one transaction.
const JOBS_PER_TRANSACTION: usize = 80;

/// Longest wait of a stranger for a code, on a machine that runs other tests.
const MAX_WAIT: Duration = Duration::from_secs(10);

const STRANGER: &str = "stranger@example.com";

/// Enqueues what the end of each run enqueues.
async fn end_runs(app: &TestApp, project: &ProjectId) {
    let ctx = app.stack().context();
    for _ in 0..RUNS / JOBS_PER_TRANSACTION {
        let mut tx = ctx.table.transaction();
        for _ in 0..JOBS_PER_TRANSACTION {
            let run_id = RunId::generate(&*ctx.random, ctx.now(), project);
            Job::NotifyRun { run_id, after: None }.enqueue(&mut tx).unwrap();
        }
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_queue_starvation_by_4000_runs_delays_no_code() {
    let (sent, mut strangers_mail) = mpsc::unbounded_channel();
    let event_listener = Arc::new(move |event: StackEvent<'_>| {
        if let StackEvent::Mail { to, .. } = event
            && to.iter().any(|address| address == STRANGER)
        {
            // Sending fails only after the test.
            let _ = sent.send(());
        }
    });
    let options = StackOptions { event_listener, ..StackOptions::default() };
    let app = TestApp::start_with_options(options).await;
    let ada = app.sign_up("ada").await;
    let client: OrganizationId = ada.create_client("Acme").await.parse().unwrap();
    let project = insert_project(&app, client.as_str()).await.parse().unwrap();
    end_runs(&app, &project).await;
    app.register_unverified("stranger").await;
    let code = tokio::time::timeout(MAX_WAIT, strangers_mail.recv()).await;
    assert!(matches!(code, Ok(Some(()))), "the code waits behind notifications");
    let ctx = app.stack().context();
    let jobs = shared::jobs::list_pending(ctx).await.unwrap();
    assert!(jobs.more, "the flood was over before");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_queue_starvation_notifications_are_limited() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    let failed = || json!({"kind": "manual", "name": "flood", "status": "failed"});
    for _ in 0..RUNS_PER_ORGANIZATION.limit + 5 {
        send_start(&ada, &project, failed()).await.expect(200);
    }
    app.wait_for_worker().await;
    let limit = NOTIFICATIONS_PER_USER.limit as usize;
    for person in [&ada, &bob] {
        assert_eq!(run_mails(&app, person).await.len(), limit);
    }
    // Each limit holds by itself: a new member still gets nothing from this organization.
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
    send_start(&ada, &project, failed()).await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(run_mails(&app, &eve).await.len(), 0);
    // The next hour begins anew.
    app.advance_clock(HOUR).await;
    let ada = ada.sign_in(&app).await;
    send_start(&ada, &project, failed()).await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(run_mails(&app, &ada).await.len(), limit + 1);
    assert_eq!(run_mails(&app, &eve).await.len(), 1);
    assert!(app.items(keys::JOBS, "").await.is_empty());
}

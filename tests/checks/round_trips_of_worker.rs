//! What the records of the table's stream cost the worker at DynamoDB, compared with `docs/COSTS.md`.

use std::sync::{Arc, Mutex, PoisonError};

use local::{StackEvent, StackOptions};
use serde_json::json;
use shared::activity::Log;
use shared::billing::{PaymentEvent, PaymentNotification};
use shared::dynamo::meter::Usage;
use shared::jobs::Job;
use shared::keys;
use tests::notifications::{create_project_fixture, set_preferences};
use tests::runs::send_start;
use tests::{Cost, TestApp, assert_documented};

/// A batch that the worker has processed: the partition keys of its records, and its cost.
type Batch = (Vec<String>, Usage);

/// The batches that the worker has processed.
#[derive(Clone, Default)]
struct Batches(Arc<Mutex<Vec<Batch>>>);

impl Batches {
    /// Starts a stack that reports its batches.
    async fn start() -> (TestApp, Self) {
        let batches = Self::default();
        let reported = batches.clone();
        let event_listener = Arc::new(move |event: StackEvent<'_>| {
            if let StackEvent::StreamBatch { partitions, usage } = event {
                let mut all = reported.0.lock().unwrap_or_else(PoisonError::into_inner);
                all.push((partitions.to_vec(), usage));
            }
        });
        let options = StackOptions { event_listener, ..StackOptions::default() };
        (TestApp::start_with_options(options).await, batches)
    }

    /// Waits for the worker, and asserts that exactly one batch has one record of a partition that starts with
    /// `prefix` and costs what the row of that label says.
    async fn assert_documented(&self, app: &TestApp, prefix: &str, label: &str) {
        app.wait_for_worker().await;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_prefix: Vec<_> =
            all.iter().filter(|(keys, _)| keys.iter().any(|key| key.starts_with(prefix))).collect();
        let [(keys, usage)] = of_prefix[..] else { panic!("{label}: not one batch: {all:?}") };
        assert_eq!(keys.len(), 1, "{label}");
        let Usage { calls, trips, rcu, wcu, .. } = *usage;
        assert_documented(&Cost { calls, trips, rcu, wcu }, label);
    }

    /// Forgets the batches of everything before.
    async fn clear(&self, app: &TestApp) {
        app.wait_for_worker().await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Enqueues a job.
async fn enqueue(app: &TestApp, job: Job) {
    let mut tx = app.stack().context().table.transaction();
    job.enqueue(&mut tx).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
}

#[tokio::test]
async fn worker_batches_cost_what_is_documented() {
    let (app, batches) = Batches::start().await;
    app.register_unverified("eve").await;
    batches.assert_documented(&app, keys::QUEUED_CODE_MAILS, "worker: mail").await;

    let (ada, client, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    batches.clear(&app).await;
    let failed_run = json!({"kind": "manual", "name": "Nightly", "status": "failed"});
    send_start(&ada, &project, failed_run).await.expect(200);
    let label = "worker: notification of one member of a run";
    batches.assert_documented(&app, keys::JOBS, label).await;
    let slack = keys::QUEUED_SLACK_MESSAGES;
    batches.assert_documented(&app, slack, "worker: Slack message").await;

    batches.clear(&app).await;
    app.advance_clock(1).await;
    let wrong = json!({"email": ada.email, "password": "wrong-horse-9"});
    app.visitor().post("/v1/login", wrong).await.expect(401);
    let label = "worker: security event of a member of two organizations";
    batches.assert_documented(&app, keys::USER_AUDIT_EVENTS, label).await;

    let (client_id, at) = (client.parse().unwrap(), app.stack().context().now());
    batches.clear(&app).await;
    enqueue(&app, Job::NotifyUsage { client_id, percent: 80, grant: 1, at, after: None }).await;
    let label = "worker: notification of one member of used credits";
    batches.assert_documented(&app, keys::JOBS, label).await;

    batches.clear(&app).await;
    let paid = PaymentNotification {
        client_id: client.parse().unwrap(),
        invoice_id: "in_1".to_owned(),
        number: None,
        event: PaymentEvent::Paid,
        attempt: 1,
        is_last: false,
        amount: 5_000,
        currency: "usd".to_owned(),
        at,
    };
    enqueue(&app, Job::NotifyPayment(paid)).await;
    let label = "worker: notification of the owner of an invoice";
    batches.assert_documented(&app, keys::JOBS, label).await;
}

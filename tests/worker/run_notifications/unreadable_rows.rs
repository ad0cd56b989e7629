//! Unreadable rows become dead letters and do not block other notifications.

use serde_json::{Value, json};
use shared::dynamo::{Key, Update};
use shared::keys;
use shared::organizations::Role;
use tests::TestApp;
use tests::notifications::{
    corrupt_row, count_dead_letters, count_notifications, create_project_fixture, job_record,
    run_mails, set_preferences, slack_messages, slack_messages_to,
};
use tests::runs::{send_start, start_run};

/// Unreadable mails and messages go to the dead letters at once and only once, and the others are delivered.
#[tokio::test]
async fn an_unreadable_record_becomes_a_dead_letter() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    let failed_run = json!({"kind": "manual", "name": "first", "status": "failed"});
    for (pk, attribute, value) in [
        ("MAIL#x", "sealed", json!("seed.AAAA")),
        ("MAIL#y", "sealed", json!(7)),
        ("SLACK#x", "sealed", json!("seed.AAAA")),
        ("SLACK#y", "queued_at", json!("yesterday")),
    ] {
        // Only one attribute differs from a valid row.
        let complete = [("id", if pk.starts_with("MAIL") { "mail_" } else { "note_" })];
        let now = app.stack().context().now();
        let key = Key { pk: pk.to_owned(), sk: format!("{now:0>12}#x") };
        let id = format!("{}{}", complete[0].1, "mfrggzdfmztwq2lknnwg23tpoa");
        let later = now.plus(std::time::Duration::from_secs(60));
        let mut row = Update::new(key).set("id", id).unwrap().set("recipient", "x").unwrap();
        for (name, time) in [("queued_at", now), ("useful_until", later), ("ttl_at", later)] {
            if name != attribute {
                row = row.set(name, time).unwrap();
            }
        }
        let row = row.set(attribute, value).unwrap();
        let row = if attribute == "sealed" { row } else { row.set("sealed", "seed.AAAA").unwrap() };
        app.stack().context().table.update::<Value>(row).await.unwrap();
    }
    send_start(&ada, &project, failed_run).await.expect(200);
    assert_eq!(
        (run_mails(&app, &ada).await.len(), slack_messages_to(&app, &bob).await.len()),
        (1, 1)
    );
    assert_eq!(count_dead_letters(&app).await, 4);
    // Later notifications are delivered as well.
    let failed_run = json!({"kind": "manual", "name": "second", "status": "failed"});
    send_start(&ada, &project, failed_run).await.expect(200);
    assert_eq!(
        (run_mails(&app, &ada).await.len(), slack_messages_to(&app, &bob).await.len()),
        (2, 2)
    );
    assert_eq!(count_dead_letters(&app).await, 4);
    // The rows stay for an investigation.
    assert_eq!(app.items("MAIL#", "").await.len() + app.items("SLACK#", "").await.len(), 4);
}

/// An unreadable member does not prevent the notification of the others.
#[tokio::test]
async fn an_unreadable_member_does_not_block_notifications() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let (bob, cyd) = (app.sign_up("bob").await, app.sign_up("cyd").await);
    for person in [&bob, &cyd] {
        app.add_member(&client, person, Role::Member).await;
        set_preferences(person, json!({"test_failures": "slack"})).await;
    }
    let broken = keys::notification_preferences(&bob.id().await);
    corrupt_row(&app, &broken.pk, &broken.sk, "test_failures", json!("pigeon")).await;
    // An unreadable webhook is noticed only when the message is sent.
    let sealed = keys::notification_preferences(&cyd.id().await);
    corrupt_row(&app, &sealed.pk, &sealed.sk, "slack_webhook", json!("seed.AAAA")).await;
    let failed_run = json!({"kind": "manual", "name": "x", "status": "failed"});
    send_start(&ada, &project, failed_run).await.expect(200);
    assert_eq!(count_notifications(&app, &ada).await, (1, 0));
    assert!(slack_messages(&app).await.is_empty());
    assert_eq!(count_dead_letters(&app).await, 1, "cyd's message");
    assert!(app.items(keys::JOBS, "").await.is_empty());
}

/// An unreadable run goes to the dead letters and does not fail the hourly run.
#[tokio::test]
async fn an_unreadable_run_becomes_a_dead_letter() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    let ctx = app.stack().context();
    let key = keys::run(&run.parse().unwrap());
    corrupt_row(&app, &key.pk, &key.sk, "status", json!("odd")).await;
    let mut tx = ctx.table.transaction();
    job_record(&run).0.job.enqueue(&mut tx).unwrap();
    tx.commit(shared::activity::Log::Nothing("a test's own doing")).await.unwrap();
    let second =
        send_start(&ada, &project, json!({"kind": "manual", "name": "x", "status": "failed"}));
    second.await.expect(200);
    assert_eq!(count_notifications(&app, &ada).await, (1, 0));
    assert_eq!(count_dead_letters(&app).await, 1);
    assert!(app.items(keys::JOBS, "").await.is_empty());
}

//! Each notification is sent exactly once, also after faults.

use serde_json::{Value, json};
use shared::dynamo::Update;
use shared::keys;
use shared::notifications::notify_run;
use shared::organizations::Role;
use tests::notifications::{
    add_many_members, assert_each_has_one_mail, count_dead_letters, count_notifications,
    create_project_fixture, job_record, repeat_job, run_mails, set_preferences,
};
use tests::runs::{finish_run, start_run};
use tests::time::HOUR;
use tests::{Fault, FaultProxy, TestApp, race};

#[tokio::test]
async fn a_repeated_stream_record_notifies_nobody_twice() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let run = start_run(&ada, &project, "scheduled").await;
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    let sent =
        async || (count_notifications(&app, &ada).await, count_notifications(&app, &bob).await);
    assert_eq!(sent().await, ((1, 1), (1, 0)));
    for _ in 0..3 {
        repeat_job(&app, &run).await;
        app.advance_clock(60).await;
        assert_eq!(sent().await, ((1, 1), (1, 0)));
    }
    // A member who joins or changes preferences afterwards is notified at most once.
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    for _ in 0..2 {
        repeat_job(&app, &run).await;
        app.advance_clock(60).await;
    }
    assert_eq!(sent().await, ((1, 1), (1, 1)));
    // Delivery records contain no user id and expire.
    let guards = app.items("NOTICE#", "").await;
    assert_eq!(guards.len(), 4);
    for guard in guards {
        assert!(!guard.to_string().contains("usr_") && guard["ttl"]["N"].is_string(), "{guard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_workers_notify_everyone_once() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    let run = start_run(&ada, &project, "manual").await;
    // The row is changed without enqueuing the job, so that only these eight workers send.
    let (ctx, (work, run_id)) = (app.stack().context(), job_record(&run));
    let ended = Update::new(keys::run(&run_id)).set("status", "failed").unwrap();
    let ended = ended.set("finished_at", ctx.now()).unwrap();
    ctx.table.update::<Value>(ended).await.unwrap();
    race(8, |_| {
        let (ctx, work, run_id) = (ctx.clone(), work.clone(), run_id.clone());
        async move { notify_run(&ctx, &work, &run_id, None).await.unwrap() }
    })
    .await;
    // The stream poller runs once a second, or immediately after a request that writes.
    app.sign_up("eve").await;
    assert_eq!(
        (count_notifications(&app, &ada).await, count_notifications(&app, &bob).await),
        ((1, 0), (0, 1))
    );
}

/// 250 members are notified in three parts, each member once.
#[tokio::test]
async fn many_members_are_notified_in_parts() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = create_project_fixture(&app).await;
    add_many_members(&engine, &app, &ada, &client).await;
    let run = start_run(&ada, &project, "manual").await;
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    assert_each_has_one_mail(&app, |subject| subject.starts_with("Run ")).await;
}

/// DynamoDB fails at each step of sending in turn. Every member is notified in the end, and once.
#[tokio::test]
async fn everyone_is_notified_once_after_a_fault() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&ada, json!({"test_failures": "slack", "scheduled_runs": "email"})).await;
    let mut expected = 0;
    for fault in Fault::ALL {
        // An hour has a limited number of notifications.
        app.advance_clock(HOUR).await;
        for step in 0.. {
            let run = start_run(&ada, &project, "scheduled").await;
            let (ctx, (work, run_id)) = (app.stack().context(), job_record(&run));
            let ended = Update::new(keys::run(&run_id)).set("status", "failed").unwrap();
            let ended = ended.set("finished_at", ctx.now()).unwrap();
            ctx.table.update::<Value>(ended).await.unwrap();
            engine.inject(fault, step, 1_000);
            let result = notify_run(ctx, &work, &run_id, None).await;
            let struck = engine.clear_fault();
            if struck {
                // Another try sends the remaining notifications.
                notify_run(ctx, &work, &run_id, None).await.unwrap();
            } else {
                result.unwrap();
            }
            expected += 1;
            app.sign_up(&format!("{fault:?}{step}").to_lowercase()).await;
            let sent =
                (count_notifications(&app, &ada).await, count_notifications(&app, &bob).await);
            assert_eq!(sent, ((expected, expected), (expected, 0)), "{fault:?} at {step}");
            if !struck {
                assert!(step >= 6, "telling takes more than {step} calls");
                break;
            }
        }
    }
}

/// The table is down when the worker handles the stream record, which is delivered again.
#[tokio::test]
async fn notifications_are_sent_after_an_outage_of_the_table() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, _, project) = create_project_fixture(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    // Finishing the run takes two calls.
    engine.inject(Fault::Broken, 2, 12);
    finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    for _ in 0..100 {
        if !run_mails(&app, &ada).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    engine.clear_fault();
    assert_eq!(run_mails(&app, &ada).await.len(), 1);
    assert_eq!(count_dead_letters(&app).await, 0);
}

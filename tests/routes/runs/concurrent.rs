//! Concurrent changes to a run.

use std::time::Duration;

use serde_json::{Value, json};
use shared::dynamo::Update;
use shared::keys;
use tests::notifications::run_mails;
use tests::runs::{create_person_with_project, finish_run, send_start, start_run};
use tests::{Fault, FaultProxy, TestApp, assert_done_once, count_successes, race, race_size};

/// Twenty concurrent requests finish one run in different ways. One of them wins and is notified once.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_finishes_have_one_winner() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let run = start_run(&ada, &project, "scheduled").await;
    let replies = race(race_size().min(20), |number| {
        let (ada, run) = (ada.clone(), run.clone());
        let status = if number % 2 == 0 { "failed" } else { "succeeded" };
        let end = json!({"status": status, "summary": number.to_string()});
        async move { finish_run(&ada, &run, end).await }
    })
    .await;
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 409 | 503)));
    assert!(count_successes(&replies).contains(&1));
    app.wait_until_idle(&replies).await;
    let shown = ada.get(&format!("/v1/runs/{run}")).await.expect(200).json();
    for winner in replies.iter().filter(|reply| reply.status == 200) {
        assert_eq!(shown, winner.json());
    }
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    let finished = log.iter().filter(|entry| entry["action"]["S"] == "run.finished").count();
    assert_done_once(&replies, finished);
    let subjects = app.subjects(&ada.email).await;
    assert_eq!(subjects.iter().filter(|subject| subject.starts_with("Run ")).count(), finished);
}

#[tokio::test]
async fn starting_and_finishing_are_atomic() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let usage = async || app.items(&format!("CLIENT#{client}"), "USAGE#").await.len();
    let ended = json!({"kind": "scheduled", "name": "x", "status": "failed"});
    for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
        for step in 0..2 {
            engine.inject(fault, step, 1_000);
            let reply = send_start(&ada, &project, ended.clone()).await;
            assert!(engine.clear_fault());
            reply.expect_error(503, "UNAVAILABLE");
            assert!(app.items("PROJECT#", "RUN#").await.is_empty(), "{fault:?} at {step}");
            assert!(app.items(keys::JOBS, "").await.is_empty());
            assert_eq!(usage().await, 0);
        }
    }
    let run = start_run(&ada, &project, "manual").await;
    for fault in [Fault::Throttled, Fault::Broken, Fault::CutOffBefore] {
        for step in 0..2 {
            engine.inject(fault, step, 1_000);
            let reply = finish_run(&ada, &run, json!({"status": "failed"})).await;
            assert!(engine.clear_fault());
            reply.expect_error(503, "UNAVAILABLE");
            assert!(app.items(keys::JOBS, "").await.is_empty());
            let row = &app.items("PROJECT#", "RUN#").await[0];
            assert_eq!(row["status"]["S"], "running", "{fault:?} at {step}");
        }
    }
    // The response is lost, and the repeated request returns the same one.
    engine.inject(Fault::CutOffAfter, 1, 1);
    let end = json!({"status": "failed"});
    let first = finish_run(&ada, &run, end.clone()).await;
    assert!(engine.clear_fault());
    assert!(first.status == 200 || first.status == 503, "{}", first.text);
    finish_run(&ada, &run, end).await.expect(200);
    // A fault may have met an earlier message of the organization at the worker. The mail then waits for its retry.
    for _ in 0..100 {
        if !run_mails(&app, &ada).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.wait_for_worker().await;
    assert_eq!(run_mails(&app, &ada).await.len(), 1);
}

/// A request that read an unfinished run must not write after the run was finished.
#[tokio::test]
async fn a_late_finish_changes_nothing() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, _, project) = create_person_with_project(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    let end = json!({"status": "succeeded", "summary": "late"});
    let first =
        async || finish_run(&ada, &run, json!({"status": "succeeded"})).await.expect(200).json();
    let mut ended = Value::Null;
    let late = engine
        .delay_transaction(finish_run(&ada, &run, end), async { ended = first().await })
        .await;
    late.expect_error(409, "RUN_FINISHED");
    assert_eq!(ada.get(&format!("/v1/runs/{run}")).await.json(), ended);
}

/// No run starts in a project that is deleted or marked as being copied between the read and the write.
#[tokio::test]
async fn a_late_start_writes_nothing() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let copying = shared::projects::CopyProgress { forks: 0, after: None, settled: false };
    let project_key = keys::project(&project.parse().unwrap());
    let client_key = keys::organization(&client.parse().unwrap());
    for (change, status) in [
        (Update::new(project_key.clone()).set("copying", copying).unwrap(), 409),
        (Update::new(project_key).set("deleted_at", 1).unwrap(), 404),
        (Update::new(client_key).set("deleted_at", 1).unwrap(), 404),
    ] {
        let table = &app.stack().context().table;
        let key = keys::project(&project.parse().unwrap());
        let begun = send_start(&ada, &project, json!({"kind": "manual", "name": "x"}));
        let meanwhile = async { drop(table.update::<Value>(change).await.unwrap()) };
        let late = engine.delay_transaction(begun, meanwhile).await;
        late.expect(status);
        assert!(app.items("PROJECT#", "RUN#").await.is_empty());
        assert!(app.items("CLIENT#", "USAGE#").await.is_empty());
        let again = Update::new(key).remove("copying").remove("deleted_at");
        table.update::<Value>(again).await.unwrap();
    }
}

//! Tests of starting and finishing a run.

use insta::assert_snapshot;
use serde_json::{Value, json};
use shared::dynamo::Update;
use shared::keys;
use tests::runs::{create_person_with_project, finish_run, send_start, start_run};
use tests::{TestApp, race};

#[tokio::test]
async fn a_run_starts_and_finishes() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let begun = app.now().await;
    let body = json!({"kind": "manual", "name": " Nightly tests ", "owner_id": "x"});
    let started = send_start(&ada, &project, body).await;
    assert_snapshot!(app.snapshot(&started).await, @r#"
    200
    {
      "created_at": "[now]",
      "finished_at": null,
      "id": "[run]",
      "kind": "manual",
      "name": "Nightly tests",
      "org_id": "[client]",
      "project_id": "[proj]",
      "status": "running",
      "summary": null
    }
    "#);
    let expected = started.json();
    let id = expected["id"].as_str().unwrap();
    assert_eq!((&expected["org_id"], &expected["project_id"]), (&json!(client), &json!(project)));
    let path = format!("/v1/runs/{id}");
    let read = ada.get(&path).await.expect(200);
    assert_eq!(read.json(), expected);
    app.advance_clock(60).await;
    let summary = "3 of 40 failed:\r\n\r\n\tcheckout";
    let end = json!({"status": "failed", "summary": summary});
    let ended = finish_run(&ada, id, end.clone()).await;
    assert_snapshot!(app.snapshot(&ended).await, @r#"
    200
    {
      "created_at": "[now - 60 s]",
      "finished_at": "[now]",
      "id": "[run]",
      "kind": "manual",
      "name": "Nightly tests",
      "org_id": "[client]",
      "project_id": "[proj]",
      "status": "failed",
      "summary": "3 of 40 failed:\n\n\tcheckout"
    }
    "#);
    for same in ["id", "org_id", "project_id"] {
        assert_eq!(ended.json()[same], expected[same]);
    }
    assert_eq!(ada.get(&path).await.json(), ended.json());
    assert_eq!([&started, &read, &ended].map(|reply| reply.cost().trips), [2, 1, 2]);

    let project_row = &app.items("CLIENT#", &format!("PROJECT#{project}")).await[0];
    assert_eq!(project_row["updated_at"]["N"], begun.to_string(), "runs don't change a project");
    let usage = ada.get(&format!("/v1/clients/{client}/usage")).await.expect(200).json();
    let runs = usage["metrics"].as_array().unwrap().iter().find(|one| one["name"] == "runs");
    assert_eq!(runs.unwrap()["used"], 1);
    for (action, status) in [("run.finished", "failed"), ("run.started", "running")] {
        let log = format!("/v1/clients/{client}/activity?action={action}");
        let entry = &ada.get(&log).await.expect(200).json()["data"][0];
        assert_eq!((entry["action"].as_str(), entry["target"].as_str()), (Some(action), Some(id)));
        assert_eq!(
            entry["details"],
            json!({"name": "Nightly tests", "kind": "manual", "status": status})
        );
        assert_eq!(entry["user"]["email"], ada.email.as_str());
    }
    // Only the log and the stored row name the user.
    let row = &app.items("PROJECT#", "RUN#").await[0];
    assert!(!row.to_string().contains("usr_"), "{row}");
}

#[tokio::test]
async fn a_finished_run_is_final() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    let end = json!({"status": "succeeded", "summary": "fine"});
    let first = finish_run(&ada, &run, end.clone()).await.expect(200).json();
    app.advance_clock(60).await;
    // The same request succeeds again, because its first response may have been lost.
    assert_eq!(finish_run(&ada, &run, end).await.expect(200).json(), first);
    for other in [
        json!({"status": "failed", "summary": "fine"}),
        json!({"status": "succeeded", "summary": "better"}),
        json!({"status": "succeeded"}),
    ] {
        finish_run(&ada, &run, other).await.expect_error(409, "RUN_FINISHED");
    }
    assert_eq!(ada.get(&format!("/v1/runs/{run}")).await.json(), first);
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    assert_eq!(log.iter().filter(|entry| entry["action"]["S"] == "run.finished").count(), 1);
}

#[tokio::test]
async fn a_finished_run_can_be_reported() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_person_with_project(&app).await;
    let now = app.now().await;
    for status in ["succeeded", "failed"] {
        let body = json!({"kind": "scheduled", "name": "x", "status": status, "summary": "s"});
        let run = send_start(&ada, &project, body).await.expect(200).json();
        assert_eq!((run["status"].as_str(), run["summary"].as_str()), (Some(status), Some("s")));
        assert_eq!((&run["created_at"], &run["finished_at"]), (&json!(now), &json!(now)));
        let id = run["id"].as_str().unwrap();
        finish_run(&ada, id, json!({"status": status})).await.expect_error(409, "RUN_FINISHED");
    }
    let body = json!({"kind": "manual", "name": "x", "status": "running", "summary": " "});
    assert_eq!(send_start(&ada, &project, body).await.expect(200).json()["status"], "running");
}

#[tokio::test]
async fn invalid_input_is_refused() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_person_with_project(&app).await;
    let long = "x".repeat(2_001);
    for (body, code) in [
        (json!({"name": "x"}), "MISSING_KIND"),
        (json!({"kind": null, "name": "x"}), "MISSING_KIND"),
        (json!({"kind": "manual"}), "MISSING_NAME"),
        (json!({"kind": "manual", "name": " "}), "MISSING_NAME"),
        (json!({"kind": "cron", "name": "x"}), "INVALID_FIELD"),
        (json!({"kind": {"manual": null}, "name": "x"}), "INVALID_FIELD"),
        (json!({"kind": "manual", "name": "x".repeat(101)}), "INVALID_FIELD"),
        (json!({"kind": "manual", "name": "x", "status": "queued"}), "INVALID_FIELD"),
        (json!({"kind": "manual", "name": "x", "summary": "s"}), "INVALID_FIELD"),
        (
            json!({"kind": "manual", "name": "x", "status": "failed", "summary": long}),
            "INVALID_FIELD",
        ),
        (
            json!({"kind": "manual", "name": "x", "status": "failed", "summary": "\u{1b}[2J"}),
            "INVALID_FIELD",
        ),
    ] {
        send_start(&ada, &project, body).await.expect_error(400, code);
    }
    let run = start_run(&ada, &project, "manual").await;
    for (body, code) in [
        (json!({}), "MISSING_STATUS"),
        (json!({"status": "running"}), "INVALID_FIELD"),
        (json!({"status": "failed", "summary": long}), "INVALID_FIELD"),
        (json!({"status": "failed", "summary": 1}), "INVALID_FIELD"),
    ] {
        finish_run(&ada, &run, body).await.expect_error(400, code);
    }
    // A missing credential is reported before an invalid body.
    app.visitor().post(&format!("/v1/projects/{project}/runs"), json!({})).await.expect(401);
}

#[tokio::test]
async fn no_run_starts_while_the_project_is_copied() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_person_with_project(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    let key = keys::project(&project.parse().unwrap());
    let copying = shared::projects::CopyProgress { forks: 0, after: None, settled: false };
    let update = Update::new(key).set("copying", copying).unwrap();
    app.stack().context().table.update::<Value>(update).await.unwrap();
    let new = json!({"kind": "manual", "name": "x"});
    send_start(&ada, &project, new).await.expect_error(409, "PROJECT_COPYING");
    finish_run(&ada, &run, json!({"status": "succeeded"})).await.expect(200);
}

#[tokio::test]
async fn an_idempotency_key_starts_one_run() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "run-1");
    let path = format!("/v1/projects/{project}/runs");
    let body = json!({"kind": "scheduled", "name": "x", "status": "failed", "summary": "s"});
    let replies = race(10, |_| {
        let (keyed, path, body) = (keyed.clone(), path.clone(), body.clone());
        async move { keyed.post(&path, body).await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    // A request that was answered with 503 is sent again.
    let last = keyed.post(&path, body.clone()).await.expect(200).json();
    assert!(replies.iter().all(|r| r.status == 503 || r.status == 200 && r.json() == last));
    assert_eq!(app.items("PROJECT#", "RUN#").await.len(), 1);
    let usage = &app.items(&format!("CLIENT#{client}"), "USAGE#").await[0];
    assert_eq!(usage["runs"]["N"], "1");
    let again = keyed.post(&path, body).await.expect(200);
    assert_eq!(again.header("idempotent-replayed").unwrap(), "true");
    let other = json!({"kind": "manual", "name": "x"});
    keyed.post(&path, other).await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    // The recorded response is encrypted.
    let kept = app.items("IDEM#", "").await;
    assert!(!kept.iter().any(|row| row.to_string().contains("run_")), "{kept:?}");
}

//! Tests of `/v1/projects/{project_id}/runs` and `/v1/runs/{run_id}`.

use serde_json::{Value, json};
use shared::dynamo::{Condition, Update};
use shared::ids::ProjectId;
use shared::keys;
use shared::organizations::Role;
use shared::projects::Project;
use shared::values::Name;
use tests::{
    Fault, FaultProxy, Person, Reply, TestApp, assert_done_once, count_successes, race, race_size,
};

/// Inserts a project of an organization directly.
pub(crate) async fn insert_project(app: &TestApp, client: &str) -> String {
    let ctx = app.stack().context();
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &client.parse().unwrap());
    let name = Name::parse("Churn analysis").unwrap();
    let project = Project::new(id, name, None, ctx.now());
    assert!(ctx.table.put(&project, Condition::Absent).await.unwrap());
    project.id.to_string()
}

/// Starts or reports a run with a request.
pub(crate) async fn send_start(person: &Person, project: &str, body: Value) -> Reply {
    person.post(&format!("/v1/projects/{project}/runs"), body).await
}

/// Starts a run and returns its id.
pub(crate) async fn start_run(person: &Person, project: &str, kind: &str) -> String {
    let run = send_start(person, project, json!({"kind": kind, "name": "Nightly tests"})).await;
    run.expect(200).json()["id"].as_str().unwrap().to_owned()
}

/// Finishes a run.
pub(crate) async fn finish_run(person: &Person, run: &str, body: Value) -> Reply {
    person.patch(&format!("/v1/runs/{run}"), body).await
}

/// Signs up a person and returns them with an organization and a project.
async fn create_person_with_project(app: &TestApp) -> (Person, String, String) {
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let project = insert_project(app, &client).await;
    (ada, client, project)
}

#[tokio::test]
async fn a_run_starts_and_finishes() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let begun = app.now().await;
    let body = json!({"kind": "manual", "name": " Nightly tests ", "owner_id": "x"});
    let started = send_start(&ada, &project, body).await.expect(200);
    let run = started.json();
    let id = run["id"].as_str().unwrap();
    assert!(id.starts_with("run_"));
    let mut expected = json!({
        "id": id, "org_id": client, "project_id": project, "kind": "manual",
        "name": "Nightly tests", "status": "running", "summary": null, "created_at": begun,
        "finished_at": null,
    });
    assert_eq!(run, expected);
    let path = format!("/v1/runs/{id}");
    let read = ada.get(&path).await.expect(200);
    assert_eq!(read.json(), expected);
    app.advance_clock(60).await;
    let summary = "3 of 40 failed:\r\n\r\n\tcheckout";
    let end = json!({"status": "failed", "summary": summary});
    let ended = finish_run(&ada, id, end.clone()).await.expect(200);
    expected["status"] = json!("failed");
    expected["summary"] = json!("3 of 40 failed:\n\n\tcheckout");
    expected["finished_at"] = json!(begun + 60);
    assert_eq!(ended.json(), expected);
    assert_eq!(ada.get(&path).await.json(), expected);
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
async fn runs_require_access_to_their_project() {
    let app = TestApp::start().await;
    let (ada, client, project_id) = create_person_with_project(&app).await;
    let (bob, eve) = (app.sign_up("bob").await, app.sign_up("eve").await);
    app.add_member(&client, &bob, Role::Member).await;
    let run = start_run(&bob, &project_id, "manual").await;
    let (runs, path) = (format!("/v1/projects/{project_id}/runs"), format!("/v1/runs/{run}"));
    let new = json!({"kind": "manual", "name": "x"});
    let end = json!({"status": "failed"});
    eve.get(&runs).await.expect_error(403, "NO_ACCESS");
    eve.get(&path).await.expect_error(403, "NO_ACCESS");
    eve.post(&runs, new.clone()).await.expect_error(403, "NO_ACCESS");
    eve.patch(&path, end.clone()).await.expect_error(403, "NO_ACCESS");
    // Unknown and deleted projects of one's own organization get 404.
    let other = insert_project(&app, &client).await;
    let deleted_key = keys::project(&other.parse().unwrap());
    let mark = Update::new(deleted_key).set("deleted_at", 1).unwrap();
    app.stack().context().table.update::<Value>(mark).await.unwrap();
    for missing in [&format!("/v1/projects/{other}/runs"), "/v1/projects/proj_x/runs"] {
        ada.get(missing).await.expect_error(404, "NOT_FOUND");
        ada.post(missing, new.clone()).await.expect_error(404, "NOT_FOUND");
    }
    let unknown = shared::ids::RunId::generate(
        &*app.stack().context().random,
        app.stack().context().now(),
        &project_id.parse().unwrap(),
    );
    for missing in [&format!("/v1/runs/{unknown}"), "/v1/runs/run_x"] {
        ada.get(missing).await.expect_error(404, "NOT_FOUND");
        ada.patch(missing, end.clone()).await.expect_error(404, "NOT_FOUND");
    }
    // A key has access only to its own organization.
    let (_, key) = ada.key(&client, "ci").await;
    let ci = app.visitor().with_bearer(&key);
    ci.post(&runs, new.clone()).await.expect(200);
    ci.get(&runs).await.expect(200);
    ci.get(&path).await.expect(200);
    let (_, others) = eve.key(&eve.default_client().await, "ci").await;
    app.visitor().with_bearer(&others).post(&runs, new).await.expect_error(403, "NO_ACCESS");
    let end = Some(("application/json", end.to_string().into_bytes()));
    ci.send(reqwest::Method::PATCH, &path, end).await.expect(200);
    let path = format!("/v1/clients/{client}/activity?action=run.finished");
    let log = ada.get(&path).await.expect(200).json();
    assert_eq!(
        (&log["data"][0]["user"], &log["data"][0]["key"]["name"]),
        (&Value::Null, &json!("ci")),
        "{log}"
    );
}

#[tokio::test]
async fn no_run_starts_while_the_project_is_copied() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_person_with_project(&app).await;
    let run = start_run(&ada, &project, "manual").await;
    let key = keys::project(&project.parse().unwrap());
    let copying = shared::projects::Copying { forks: 0, after: None, settled: false };
    let update = Update::new(key).set("copying", copying).unwrap();
    app.stack().context().table.update::<Value>(update).await.unwrap();
    let new = json!({"kind": "manual", "name": "x"});
    send_start(&ada, &project, new).await.expect_error(409, "PROJECT_COPYING");
    finish_run(&ada, &run, json!({"status": "succeeded"})).await.expect(200);
}

#[tokio::test]
async fn runs_are_listed_newest_first_in_pages() {
    let app = TestApp::start().await;
    let (ada, client, project_id) = create_person_with_project(&app).await;
    let other = insert_project(&app, &client).await;
    start_run(&ada, &other, "manual").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(start_run(&ada, &project_id, "manual").await);
        app.advance_clock(1).await;
    }
    ids.reverse();
    let path = format!("/v1/projects/{project_id}/runs");
    let all = ada.get(&path).await.expect(200);
    assert_eq!(all.cost().trips, 1);
    let run_ids = |page: &Value| -> Vec<String> {
        let runs = page["data"].as_array().unwrap().iter();
        runs.map(|run| run["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(run_ids(&all.json()), ids);
    assert_eq!(all.json()["next_cursor"], Value::Null);
    let first = ada.get(&format!("{path}?limit=2")).await.expect(200).json();
    assert_eq!(run_ids(&first), ids[..2]);
    // Runs that start meanwhile do not shift the pages.
    start_run(&ada, &project_id, "manual").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("{path}?limit=3&cursor={cursor}")).await.expect(200).json();
    assert_eq!(run_ids(&second), ids[2..]);
    assert_eq!(second["next_cursor"], Value::Null);
    let elsewhere = format!("/v1/projects/{other}/runs?cursor={cursor}");
    ada.get(&elsewhere).await.expect_error(400, "INVALID_CURSOR");
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

/// Twenty concurrent requests finish one run in different ways. One of them wins and is notified
/// once.
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
    let subjects = app.subjects(&ada.email).await;
    assert_eq!(subjects.iter().filter(|subject| subject.starts_with("Run ")).count(), 1);
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

/// No run starts in a project that is deleted or marked as being copied between the read and the
/// write.
#[tokio::test]
async fn a_late_start_writes_nothing() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, client, project) = create_person_with_project(&app).await;
    let copying = shared::projects::Copying { forks: 0, after: None, settled: false };
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

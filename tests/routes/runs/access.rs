//! Who may use the runs of a project.

use serde_json::{Value, json};
use shared::dynamo::Update;
use shared::keys;
use shared::organizations::Role;
use tests::TestApp;
use tests::runs::{create_person_with_project, insert_project, start_run};

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
    ci.send_json(reqwest::Method::PATCH, &path, &end).await.expect(200);
    let path = format!("/v1/clients/{client}/activity?action=run.finished");
    let log = ada.get(&path).await.expect(200).json();
    assert_eq!(
        (&log["data"][0]["user"], &log["data"][0]["key"]["name"]),
        (&Value::Null, &json!("ci")),
        "{log}"
    );
}

//! Starts and finishes runs, and creates what they need.

use serde_json::{Value, json};
use shared::dynamo::Condition;
use shared::ids::ProjectId;
use shared::projects::Project;
use shared::values::Name;

use crate::{Person, Reply, TestApp};

/// Inserts a project of an organization directly.
pub async fn insert_project(app: &TestApp, client: &str) -> String {
    let ctx = app.stack().context();
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &client.parse().unwrap());
    let name = Name::parse("Churn analysis").unwrap();
    let project = Project::new(id, name, None, ctx.now());
    assert!(ctx.table.put(&project, Condition::Absent).await.unwrap());
    project.id.to_string()
}

/// Starts or reports a run with a request.
pub async fn send_start(person: &Person, project: &str, body: Value) -> Reply {
    person.post(&format!("/v1/projects/{project}/runs"), body).await
}

/// Starts a run and returns its id.
pub async fn start_run(person: &Person, project: &str, kind: &str) -> String {
    let run = send_start(person, project, json!({"kind": kind, "name": "Nightly tests"})).await;
    run.expect(200).json()["id"].as_str().unwrap().to_owned()
}

/// Finishes a run.
pub async fn finish_run(person: &Person, run: &str, body: Value) -> Reply {
    person.patch(&format!("/v1/runs/{run}"), body).await
}

/// Signs up a person and returns them with an organization and a project.
pub async fn create_person_with_project(app: &TestApp) -> (Person, String, String) {
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    let project = insert_project(app, &client).await;
    (ada, client, project)
}

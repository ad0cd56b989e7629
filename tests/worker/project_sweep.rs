//! Sweeping removes the contents of a deleted project, or of a deleted organization's projects, and
//! nothing else.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::time::{DAY, HOUR};
use tests::{Fault, FaultProxy, Person, TestApp};

/// Creates an organization with files, two projects with files that share some contents, runs and briefs.
async fn create_full_client(ada: &Person) -> (String, [String; 2]) {
    let client = ada.create_client("Acme").await;
    let projects =
        [ada.create_project(&client, "One").await, ada.create_project(&client, "Two").await];
    let scopes = [None, Some(projects[0].as_str()), Some(projects[1].as_str())];
    for (number, scope) in scopes.into_iter().enumerate() {
        for (path, content) in [("shared", "same"), ("own", &*number.to_string())] {
            ada.visitor.upload(&client, scope, path, content.as_bytes()).await;
            ada.visitor.upload(&client, scope, path, content.as_bytes()).await;
        }
    }
    for project in &projects {
        fill_project(ada, project).await;
    }
    (client, projects)
}

/// Creates a project with two versions of a file, a file that its organization has too, a run and a brief.
async fn create_project_to_sweep(ada: &Person, client: &str) -> String {
    let project = ada.create_project(client, "One").await;
    ada.visitor.upload(client, Some(&project), "own", b"1").await;
    ada.visitor.upload(client, Some(&project), "own", b"1").await;
    ada.visitor.upload(client, Some(&project), "shared", b"same").await;
    fill_project(ada, &project).await;
    project
}

/// Adds a run and a brief to a project.
async fn fill_project(ada: &Person, project: &str) {
    let run = json!({"kind": "manual", "name": "r"});
    ada.post(&format!("/v1/projects/{project}/runs"), run).await.expect(200);
    let brief = json!({"content": "why"}).to_string().into_bytes();
    let brief = Some(("application/json", brief));
    let path = format!("/v1/projects/{project}/brief");
    ada.visitor.send(reqwest::Method::PUT, &path, brief).await.expect(200);
}

/// Lists a download URL for each artifact of an organization.
async fn list_download_urls(ada: &Person, client: &str) -> Vec<String> {
    let mut urls = Vec::new();
    for file in ada.visitor.all(&format!("/v1/artifacts?org_id={client}&limit=200")).await {
        let path = format!("/v1/artifacts/{}", file["id"].as_str().unwrap());
        let read = ada.get(&path).await.expect(200).json();
        urls.push(read["download_url"].as_str().unwrap().to_owned());
    }
    urls
}

/// Requests URLs and returns the status codes.
async fn request_statuses(urls: &[String]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for url in urls {
        statuses.push(reqwest::get(url).await.unwrap().status().as_u16());
    }
    statuses
}

/// Lists the rows that name a project, except the audit log.
async fn rows_of(app: &TestApp, project: &str) -> Vec<Value> {
    let mut rows = app.dump().await;
    rows.retain(|row| {
        row.to_string().contains(project)
            && !row["pk"]["S"].as_str().unwrap().starts_with("ACTIVITY#")
    });
    rows
}

#[tokio::test]
async fn deleting_a_project_removes_everything_in_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (client, [one, two]) = create_full_client(&ada).await;
    let files = ada.visitor.all(&format!("/v1/artifacts?org_id={client}&limit=200")).await;
    let urls = list_download_urls(&ada, &client).await;
    let is_of_one_alone = |file: &Value| file["project_id"] == one && file["path"] == "own";
    let expected: Vec<u16> =
        files.iter().map(|file| if is_of_one_alone(file) { 404 } else { 200 }).collect();
    assert_eq!(expected.iter().filter(|status| **status == 404).count(), 1);
    let rows_of_two = rows_of(&app, &two).await;
    ada.delete(&format!("/v1/projects/{one}"), json!({})).await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(rows_of(&app, &one).await, Vec::<Value>::new());
    assert_eq!(rows_of(&app, &two).await, rows_of_two);
    app.assert_files_consistent().await;
    // Contents that other artifacts use stay, and unused contents are gone.
    assert_eq!(request_statuses(&urls).await, expected);
    assert_eq!(app.items("WORK", "").await, Vec::<Value>::new());
    ada.delete(&format!("/v1/clients/{client}"), json!({"confirm": "Acme"})).await.expect(200);
    // It can be restored for a week.
    app.advance_clock_with_last_runs(8 * DAY).await;
    app.wait_for_worker().await;
    assert!(app.objects().await.is_empty());
    assert_eq!(rows_of(&app, &client).await, Vec::<Value>::new());
    assert_eq!(app.items("WORK", "").await, Vec::<Value>::new());
}

/// DynamoDB fails permanently at each step of a sweep in turn, and the next scheduled run continues.
#[tokio::test]
async fn the_next_run_finishes_after_a_fault() {
    let steps = join_all(Fault::ALL.map(sweep_with_fault_at_each_step)).await;
    assert!(steps.iter().all(|&steps| steps > 6), "sweeps of {steps:?} calls");
}

/// Sweeps projects while a fault strikes each call in turn. Returns the number of calls. The table is read as a whole
/// in each round, so each fault has one of its own.
async fn sweep_with_fault_at_each_step(fault: Fault) -> usize {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme").await;
    ada.visitor.upload(&client, None, "shared", b"same").await;
    let mut struck = true;
    let mut steps = 0;
    while struck {
        assert!(steps < 40, "{fault:?} strikes without end");
        // The clock advances by an hour in each round, so an older session may have expired.
        let ada = ada.sign_in(&app).await;
        let project = create_project_to_sweep(&ada, &client).await;
        engine.inject(fault, 2 + steps, 1_000);
        ada.delete(&format!("/v1/projects/{project}"), json!({})).await.expect(200);
        app.wait_for_worker().await;
        struck = engine.clear_fault();
        app.advance_clock(HOUR).await;
        app.wait_for_worker().await;
        assert_eq!(rows_of(&app, &project).await, Vec::<Value>::new(), "{fault:?} at {steps}");
        app.assert_files_consistent().await;
        steps += 1;
    }
    let ada = ada.sign_in(&app).await;
    ada.delete(&format!("/v1/clients/{client}"), json!({"confirm": "Acme"})).await.expect(200);
    // Deleted organizations can be restored for a week.
    app.advance_clock_with_last_runs(8 * DAY).await;
    app.wait_for_worker().await;
    assert_eq!(app.items("CONTENT#", "").await, Vec::<Value>::new());
    steps
}

/// Erasing an account removes its organizations with their projects, files and contents.
#[tokio::test]
async fn erasing_an_account_removes_all_files() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (client, [_, two]) = create_full_client(&ada).await;
    let own = ada.default_client().await;
    ada.visitor.upload(&own, None, "own", b"own").await;
    let mut urls = list_download_urls(&ada, &client).await;
    urls.extend(list_download_urls(&ada, &own).await);
    let leave = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    ada.delete("/v1/me", leave).await.expect(200);
    app.advance_clock_with_last_runs(15 * DAY).await;
    app.wait_for_worker().await;
    assert_eq!(rows_of(&app, &client).await, Vec::<Value>::new());
    assert_eq!(rows_of(&app, &two).await, Vec::<Value>::new());
    assert_eq!(request_statuses(&urls).await, [404; 7]);
    for partition in ["CONTENT#", "SHELF#", "LATEST#", "PROJECT#", "WORK", "UPLOADS#"] {
        assert_eq!(app.items(partition, "").await, Vec::<Value>::new(), "{partition}");
    }
}

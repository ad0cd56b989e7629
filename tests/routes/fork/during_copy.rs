//! Changes of a project while the worker copies it, which the next hourly run meets.

use serde_json::{Value, json};
use tests::forks::{
    create_large_project, fork_project, get_project, list_files, project_id, wait_until_copied,
};
use tests::json::as_text;
use tests::time::HOUR;
use tests::{Fault, FaultProxy, Person, TestApp};

/// The copy of these files takes more calls than [`start_copy`] allows.
const FILES: u32 = 60;

/// Forks a project. The copy stops in the middle until the next hourly run. Returns the id of the fork.
async fn start_copy(app: &TestApp, engine: &FaultProxy, ada: &Person, project: &str) -> String {
    // The calls of the request and some of the copying succeed, and then all calls fail.
    engine.inject(Fault::Broken, 3 + 4, 1_000_000);
    let copy = project_id(&fork_project(&ada.visitor, project).await.expect(200).json());
    app.wait_for_worker().await;
    assert!(engine.clear_fault(), "the copying was stopped in the middle");
    assert_eq!(get_project(&ada.visitor, &copy).await["status"], "copying");
    copy
}

/// Asserts that no job and no version with a deferred deletion is left.
async fn assert_nothing_left(app: &TestApp) {
    app.wait_for_worker().await;
    assert_eq!(app.items("WORK", "").await, Vec::<Value>::new());
    let rows = app.dump().await;
    assert!(!rows.iter().any(|row| as_text(&row["sk"]["S"]).starts_with("LEFTOVER#")));
    app.assert_files_consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_deleted_during_a_copy_is_in_the_fork() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let (client, project) = create_large_project(&app, &engine, &ada, FILES).await;
    let before = list_files(&ada.visitor, &client, &project).await;
    let copy = start_copy(&app, &engine, &ada, &project).await;
    let list = format!("/v1/artifacts?org_id={client}&project_id={project}&limit=1");
    let file = ada.get(&list).await.expect(200).json()["data"][0].clone();
    ada.visitor.delete_file(as_text(&file["id"])).await.expect(200);
    let changed = list_files(&ada.visitor, &client, &project).await;
    assert_eq!(changed.len() + 1, before.len());
    app.advance_clock(HOUR).await;
    wait_until_copied(&app, &ada.visitor, &copy).await;
    assert_eq!(list_files(&ada.visitor, &client, &copy).await, before);
    assert_eq!(list_files(&ada.visitor, &client, &project).await, changed);
    assert_nothing_left(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_deleted_during_a_copy_is_copied_then_swept() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let (client, project) = create_large_project(&app, &engine, &ada, FILES).await;
    let before = list_files(&ada.visitor, &client, &project).await;
    let copy = start_copy(&app, &engine, &ada, &project).await;
    ada.delete(&format!("/v1/projects/{project}"), json!({})).await.expect(200);
    app.wait_for_worker().await;
    app.advance_clock(HOUR).await;
    wait_until_copied(&app, &ada.visitor, &copy).await;
    assert_eq!(list_files(&ada.visitor, &client, &copy).await, before);
    app.wait_for_worker().await;
    assert_eq!(app.items(&format!("PROJECT#{project}"), "").await, Vec::<Value>::new());
    assert_nothing_left(&app).await;
}

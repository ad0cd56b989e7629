//! Forks of projects with many files, which the worker copies in steps.

use serde_json::{Value, json};
use tests::forks::{
    create_large_project, fork_project, get_project, list_files, project_id, wait_until_copied,
};
use tests::json::as_text;
use tests::time::{DAY, HOUR};
use tests::{Fault, FaultProxy, TestApp};

/// The worker copies in steps while the original is changed.
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_files_are_forked_as_a_snapshot() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let ctx = app.stack().context();
    // DynamoDB Local would take minutes to copy all of them.
    let file_count =
        if engine.bulk(&ctx.config.table_name).is_dynamodb_local() { 600 } else { 5_000 };
    let (client, project) = create_large_project(&app, &engine, &ada, file_count).await;
    let before = list_files(&ada.visitor, &client, &project).await;
    assert_eq!(before.len(), file_count as usize);
    // The calls of the request and some of the copying succeed, and then all calls fail.
    engine.inject(Fault::Broken, 3 + 60, 1_000_000);
    let reply = fork_project(&ada.visitor, &project).await.expect(200);
    let copy = reply.json();
    assert_eq!(copy["status"], "copying");
    let copy = project_id(&copy);
    app.wait_for_worker().await;
    assert!(engine.clear_fault(), "the copying was stopped in the middle");
    assert_eq!(get_project(&ada.visitor, &copy).await["status"], "copying");
    // The fork cannot be changed meanwhile except for its name, but it can be read.
    let body = tests::file(&client, Some(&copy), "x", b"x");
    ada.post("/v1/artifacts", body).await.expect_error(409, "PROJECT_COPYING");
    fork_project(&ada.visitor, &copy).await.expect_error(409, "PROJECT_COPYING");
    let renamed = ada.patch(&format!("/v1/projects/{copy}"), json!({"name": "Mine"})).await;
    renamed.expect(200);
    let some = list_files(&ada.visitor, &client, &copy).await;
    assert!(some.len() < file_count as usize);
    // Uploads, changes and deletions in the original do not get into the fork.
    let list = format!("/v1/artifacts?org_id={client}&project_id={project}&limit=40");
    let listed = ada.get(&list).await.expect(200).json()["data"].as_array().unwrap().clone();
    for (number, file) in listed.iter().enumerate() {
        match number % 4 {
            0 => {
                ada.visitor
                    .upload(&client, Some(&project), as_text(&file["path"]), b"changed")
                    .await;
            }
            1 => {
                ada.visitor.delete_file(as_text(&file["id"])).await.expect(200);
            }
            2 => {
                // The file is uploaded again as another version and deleted.
                let path = as_text(&file["path"]);
                let more = ada.visitor.upload(&client, Some(&project), path, b"changed").await;
                ada.visitor.delete_file(as_text(&file["id"])).await.expect(200);
                ada.visitor.delete_file(as_text(&more["id"])).await.expect(200);
            }
            _ => {
                ada.visitor.upload(&client, Some(&project), &format!("new/{number}"), b"new").await;
            }
        }
    }
    let changed = list_files(&ada.visitor, &client, &project).await;
    assert!(changed.contains_key("new/3") && !changed.contains_key(as_text(&listed[1]["path"])));
    // The hourly run continues the copy.
    app.advance_clock(HOUR).await;
    wait_until_copied(&app, &ada.visitor, &copy).await;
    assert_eq!(list_files(&ada.visitor, &client, &copy).await, before);
    assert_eq!(list_files(&ada.visitor, &client, &project).await, changed);
    app.wait_for_worker().await;
    // The blobs that were kept only for the fork are deleted, and so are all job records.
    let rows = app.dump().await;
    for sk in ["LEFTOVER#", "copy-project#", "delete-leftovers#"] {
        assert!(!rows.iter().any(|row| as_text(&row["sk"]["S"]).starts_with(sk)), "{sk}");
    }
    app.assert_files_consistent().await;
    ada.visitor.upload(&client, Some(&copy), "x", b"x").await;
    let stored: Vec<_> = app.items("CLIENT#", &format!("PROJECT#{project}")).await;
    assert_eq!(stored[0]["copies"]["N"], "0");
}

/// The engine fails at each step of the copy in turn.
#[tokio::test]
async fn copying_resumes_after_a_fault_at_any_step() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let (client, project) = create_large_project(&app, &engine, &ada, 20).await;
    let before = list_files(&ada.visitor, &client, &project).await;
    // The copy of these files takes two transactions.
    let mut copied = 0;
    for fault in Fault::ALL {
        for step in (0..9).step_by(if matches!(fault, Fault::Broken) { 1 } else { 4 }) {
            // The session of an earlier round may have expired.
            let ada = ada.sign_in(&app).await;
            engine.inject(fault, 4 + step, 1_000);
            let reply = fork_project(&ada.visitor, &project).await;
            app.wait_for_worker().await;
            engine.clear_fault();
            if reply.status == 503 {
                // The request met the end of the previous sweep, and its retry met the fault.
                continue;
            }
            copied += 1;
            let copy = project_id(&reply.expect(200).json());
            app.advance_clock(HOUR).await;
            wait_until_copied(&app, &ada.visitor, &copy).await;
            assert_eq!(
                list_files(&ada.visitor, &client, &copy).await,
                before,
                "{fault:?} at {step}"
            );
            ada.delete(&format!("/v1/projects/{copy}"), json!({})).await.expect(200);
            app.wait_for_worker().await;
        }
    }
    assert!(copied > 7, "only {copied} copies were stopped");
    app.assert_files_consistent().await;
}

/// If the original is deleted during the copy, the fork still gets all files. If the fork is
/// deleted, the sweep of the original does not wait forever.
#[tokio::test(flavor = "multi_thread")]
async fn a_project_deleted_during_a_copy_is_swept_afterwards() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    for deleted in ["original", "fork", "both", "client"] {
        // The session of the previous round has expired.
        let ada = ada.sign_in(&app).await;
        let (client, project) = create_large_project(&app, &engine, &ada, 120).await;
        let before = list_files(&ada.visitor, &client, &project).await;
        engine.inject(Fault::Broken, 3 + 7, 1_000_000);
        let copy = project_id(&fork_project(&ada.visitor, &project).await.expect(200).json());
        app.wait_for_worker().await;
        assert!(engine.clear_fault());
        assert_eq!(get_project(&ada.visitor, &copy).await["status"], "copying");
        let delete = async |project: &str| {
            ada.delete(&format!("/v1/projects/{project}"), json!({})).await.expect(200);
            app.wait_for_worker().await;
        };
        match deleted {
            "original" => delete(&project).await,
            "fork" => delete(&copy).await,
            "both" => {
                delete(&project).await;
                delete(&copy).await;
            }
            _ => {
                let path = format!("/v1/clients/{client}");
                ada.delete(&path, json!({"confirm": "Acme"})).await.expect(200);
                app.wait_for_worker().await;
            }
        }
        // A deleted organization can be restored for a week.
        app.advance_clock(if deleted == "client" { 8 * DAY } else { HOUR }).await;
        app.wait_for_worker().await;
        match deleted {
            "original" => {
                wait_until_copied(&app, &ada.visitor, &copy).await;
                assert_eq!(list_files(&ada.visitor, &client, &copy).await, before);
            }
            "fork" => assert_eq!(list_files(&ada.visitor, &client, &project).await, before),
            _ => {}
        }
        app.wait_for_worker().await;
        app.assert_files_consistent().await;
        assert_eq!(app.items("WORK", "").await, Vec::<Value>::new(), "{deleted}");
        let has_rows = |project: &str| {
            let pk = format!("PROJECT#{project}");
            let app = &app;
            async move { !app.items(&pk, "").await.is_empty() }
        };
        let expected = (deleted == "fork", deleted == "original");
        assert_eq!((has_rows(&project).await, has_rows(&copy).await), expected, "{deleted}");
        let path = format!("/v1/clients/{client}");
        let ada = ada.sign_in(&app).await;
        ada.delete(&path, json!({"confirm": "Acme"})).await;
        app.advance_clock_with_last_runs(8 * DAY).await;
        app.wait_for_worker().await;
        assert_eq!(app.items("CONTENT#", "").await, Vec::<Value>::new());
    }
}

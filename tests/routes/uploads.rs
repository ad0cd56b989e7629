//! Tests of uploads that are too large for a request: start, upload to a URL, and completion.

use std::collections::BTreeSet;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use shared::activity::{Actor, Log};
use shared::blobs::Sha256;
use shared::jobs::Job;
use shared::requester::Requester;
use tests::blobs::generate_bytes;
use tests::time::{DAY, HOUR};
use tests::{Fault, FaultProxy, Reply, TestApp, Visitor, race};

/// Builds the body that starts an upload.
fn upload_request(client: &str, path: &str, content: &[u8]) -> Value {
    let sha256 = Sha256::of(content).to_string();
    json!({"org_id": client, "path": path, "size": content.len(), "sha256": sha256})
}

/// Uploads content as `curl -T` does.
async fn put_content(pending: &Value, content: &[u8]) -> Response {
    let url = pending["upload_url"].as_str().unwrap();
    reqwest::Client::new().put(url).body(content.to_vec()).send().await.unwrap()
}

/// Starts an upload.
async fn begin_upload(visitor: &Visitor, client: &str, path: &str, content: &[u8]) -> Value {
    visitor.post("/v1/artifacts", upload_request(client, path, content)).await.expect(200).json()
}

/// Completes an upload.
async fn complete_upload(visitor: &Visitor, pending: &Value) -> Reply {
    let id = pending["id"].as_str().unwrap();
    visitor.post_raw(&format!("/v1/artifacts/{id}/complete"), "application/json", Vec::new()).await
}

/// Asserts that nothing of the uploads before remains after a day.
async fn assert_uploads_removed(app: &TestApp) {
    app.advance_clock(DAY + HOUR).await;
    app.advance_clock(DAY).await;
    app.wait_for_worker().await;
    assert_eq!(app.items("UPLOADS#", "").await, Vec::<Value>::new());
    assert_eq!(app.objects().await, BTreeSet::new());
}

#[tokio::test]
async fn a_file_of_25_megabytes_is_downloaded_unchanged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let content = generate_bytes(25 * 1024 * 1024);
    let mut body = upload_request(&client, "models/large.bin", &content);
    body["project_id"] = project.clone().into();
    body["kind"] = "model".into();
    body["content_type"] = "application/x-large".into();
    let reply = ada.post("/v1/artifacts", body).await.expect(200);
    assert_eq!(reply.calls_and_trips(), (2, 2));
    let pending = reply.json();
    assert_eq!(tests::keys(&pending), ["expires_at", "id", "upload_url"]);
    let expires = pending["expires_at"].as_i64().unwrap() - app.now().await;
    assert!((3_590..=3_600).contains(&expires), "{expires}");
    // The artifact does not exist before the completion.
    let path = format!("/v1/artifacts/{}", pending["id"].as_str().unwrap());
    ada.get(&path).await.expect_error(404, "NOT_FOUND");
    complete_upload(&ada.visitor, &pending).await.expect_error(409, "UPLOAD_MISSING");
    assert_eq!(put_content(&pending, &content).await.status(), 200);
    let reply = complete_upload(&ada.visitor, &pending).await.expect(200);
    assert_eq!(reply.calls_and_trips(), (4, 4));
    let kept = reply.json();
    assert_eq!((kept["id"].clone(), kept["version"].clone()), (pending["id"].clone(), json!(1)));
    assert_eq!((&kept["kind"], &kept["size"]), (&json!("model"), &json!(content.len())));
    let (headers, got) = ada.visitor.download(kept["id"].as_str().unwrap()).await;
    assert!(got == content);
    assert_eq!(headers["content-type"], "application/x-large");
    // A repeated completion returns the same artifact, even hours later, and the next upload
    // creates another version.
    assert_eq!(complete_upload(&ada.visitor, &pending).await.expect(200).json(), kept);
    let second = ada.visitor.upload(&client, Some(&project), "models/large.bin", b"small").await;
    assert_eq!(second["version"], 2);
    app.assert_no_orphaned_objects().await;
    assert_eq!(complete_upload(&ada.visitor, &pending).await.expect(200).json(), kept);
    assert!(ada.visitor.download(kept["id"].as_str().unwrap()).await.1 == content);
    assert_eq!(app.items("UPLOADS#", "").await, Vec::<Value>::new());
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn an_upload_that_differs_from_its_request_is_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let content = generate_bytes(1_000);
    // The uploaded content has the same size and another hash.
    let pending = begin_upload(&ada.visitor, &client, "a", &content).await;
    assert_eq!(put_content(&pending, &generate_bytes(1_000)).await.status(), 200);
    let refused =
        complete_upload(&ada.visitor, &pending).await.expect_error(400, "UPLOAD_MISMATCH");
    assert!(refused.text.contains("SHA-256"), "{}", refused.text);
    complete_upload(&ada.visitor, &pending).await.expect_error(404, "NOT_FOUND");
    // The right content is uploaded after the refusal.
    put_content(&pending, &content).await;
    complete_upload(&ada.visitor, &pending).await.expect_error(404, "NOT_FOUND");
    // Content of another size is refused at the upload.
    let pending = begin_upload(&ada.visitor, &client, "a", &content).await;
    for length in [0, 999, 1_001] {
        let status = put_content(&pending, &generate_bytes(length)).await.status();
        assert_eq!(status, StatusCode::FORBIDDEN, "{length}");
    }
    complete_upload(&ada.visitor, &pending).await.expect_error(409, "UPLOAD_MISSING");
    assert_eq!(app.items("", "VERSION#").await, Vec::<Value>::new());
    assert_eq!(app.items("CONTENT#", "").await, Vec::<Value>::new());
    assert_uploads_removed(&app).await;
}

#[tokio::test]
async fn an_abandoned_upload_is_swept_after_a_day() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let content = generate_bytes(1_000);
    let (early, late) = (
        begin_upload(&ada.visitor, &client, "early", &content).await,
        begin_upload(&ada.visitor, &client, "late", &content).await,
    );
    for pending in [&early, &late] {
        assert_eq!(put_content(pending, &content).await.status(), 200);
    }
    app.advance_clock(DAY - 60).await;
    complete_upload(&ada.visitor, &early).await.expect(200);
    app.advance_clock(120).await;
    complete_upload(&ada.visitor, &late).await.expect_error(404, "NOT_FOUND");
    app.advance_clock(DAY).await;
    app.wait_for_worker().await;
    assert_eq!(app.items("UPLOADS#", "").await, Vec::<Value>::new());
    assert_eq!(ada.visitor.download(early["id"].as_str().unwrap()).await.1, content);
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn an_upload_of_existing_content_is_stored_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let content = generate_bytes(1_000);
    let first = ada.visitor.upload(&client, None, "a", &content).await;
    let pending = begin_upload(&ada.visitor, &client, "b", &content).await;
    // Knowing the hash of a content is not sufficient to get it.
    complete_upload(&ada.visitor, &pending).await.expect_error(409, "UPLOAD_MISSING");
    put_content(&pending, &content).await;
    let second = complete_upload(&ada.visitor, &pending).await.expect(200).json();
    app.assert_files_consistent().await;
    app.advance_clock(2 * DAY).await;
    app.wait_for_worker().await;
    assert_eq!(app.items("UPLOADS#", "").await, Vec::<Value>::new());
    for kept in [&first, &second] {
        assert_eq!(ada.visitor.download(kept["id"].as_str().unwrap()).await.1, content);
    }
    ada.visitor.delete_file(first["id"].as_str().unwrap()).await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(ada.visitor.download(second["id"].as_str().unwrap()).await.1, content);
}

#[tokio::test]
async fn an_upload_above_the_size_limit_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let sha256 = Sha256::of(b"").to_string();
    let body = |size: u64| json!({"org_id": client, "path": "a", "size": size, "sha256": sha256});
    ada.post("/v1/artifacts", body(512 * 1024 * 1024)).await.expect(200);
    let refused = ada.post("/v1/artifacts", body(512 * 1024 * 1024 + 1)).await;
    let refused = refused.expect_error(413, "BODY_TOO_LARGE");
    assert!(refused.text.contains("536870912"), "{}", refused.text);
}

#[tokio::test]
async fn a_repeated_request_starts_one_upload() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let visitor = ada.visitor.clone().with_header("idempotency-key", "k1");
    let first = begin_upload(&visitor, &client, "a", b"x").await;
    assert_eq!(begin_upload(&visitor, &client, "a", b"x").await, first);
    assert_eq!(app.items("UPLOADS#", "").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_completions_create_one_version() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let content = generate_bytes(10_000);
    let pending = begin_upload(&ada.visitor, &client, "a", &content).await;
    put_content(&pending, &content).await;
    let replies = race(10, |_| {
        let (visitor, pending) = (ada.visitor.clone(), pending.clone());
        async move { complete_upload(&visitor, &pending).await }
    })
    .await;
    for reply in &replies {
        assert!([200, 503].contains(&reply.status), "{} {}", reply.status, reply.text);
    }
    let kept = complete_upload(&ada.visitor, &pending).await.expect(200).json();
    assert_eq!(kept["version"], 1);
    assert_eq!(app.items("PROJECT#", "VERSION#").await.len(), 0);
    assert_eq!(app.items(&format!("SHELF#{client}"), "VERSION#").await.len(), 1);
    assert_eq!(ada.visitor.download(kept["id"].as_str().unwrap()).await.1, content);
    app.assert_files_consistent().await;
}

/// The client overwrites the uploaded object during the completion.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_during_completion_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let (content, other) = (generate_bytes(10_000), generate_bytes(10_000));
    for _ in 0..5 {
        let pending = begin_upload(&ada.visitor, &client, "a", &content).await;
        put_content(&pending, &content).await;
        let statuses = race(6, |number| {
            let (visitor, pending, other) = (ada.visitor.clone(), pending.clone(), other.clone());
            async move {
                if number % 2 == 0 {
                    complete_upload(&visitor, &pending).await.status
                } else {
                    put_content(&pending, &other).await.status().as_u16()
                }
            }
        })
        .await;
        assert!(statuses.iter().all(|status| *status != 500), "{statuses:?}");
        let path = format!("/v1/artifacts/{}", pending["id"].as_str().unwrap());
        if ada.get(&path).await.status == 200 {
            let id = pending["id"].as_str().unwrap();
            assert!(ada.visitor.download(id).await.1 == content);
        }
        app.assert_files_consistent().await;
    }
    app.assert_no_orphaned_objects().await;
}

/// The table fails at each step in turn, and a repeated request has the same result.
#[tokio::test]
async fn completion_recovers_from_a_fault_at_any_step() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    for fault in Fault::ALL {
        for step in 0.. {
            let content = generate_bytes(100);
            let pending = begin_upload(&ada.visitor, &client, "a", &content).await;
            put_content(&pending, &content).await;
            engine.inject(fault, step, 1_000);
            let reply = complete_upload(&ada.visitor, &pending).await;
            let struck = engine.clear_fault();
            if struck {
                assert!(reply.status == 503, "{} {}", reply.status, reply.text);
            }
            let kept = complete_upload(&ada.visitor, &pending).await.expect(200).json();
            assert_eq!(ada.visitor.download(kept["id"].as_str().unwrap()).await.1, content);
            engine.inject(fault, step, 1_000);
            let sent = ada.post("/v1/artifacts", tests::file(&client, None, "b", &content)).await;
            let struck_again = engine.clear_fault();
            assert_eq!(sent.status == 200, !struck_again, "{} {}", sent.status, sent.text);
            app.wait_for_worker().await;
            app.assert_files_consistent().await;
            if !struck {
                assert!(step > 3);
                break;
            }
        }
    }
    // Blobs that became no version are deleted.
    app.assert_no_orphaned_objects().await;
    assert_eq!(app.items("UPLOADS#", "").await, Vec::<Value>::new());
    app.assert_files_consistent().await;
}

/// A size that the worker completes.
const LARGE: usize = 101 * 1024 * 1024;

#[tokio::test]
async fn the_worker_completes_an_upload_of_101_megabytes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let content = generate_bytes(LARGE);
    let pending = begin_upload(&ada.visitor, &client, "models/large.bin", &content).await;
    complete_upload(&ada.visitor, &pending).await.expect_error(409, "UPLOAD_MISSING");
    assert_eq!(put_content(&pending, &content).await.status(), 200);
    // Many calls at once leave it to the worker once.
    let replies = race(8, |_| {
        let (visitor, pending) = (ada.visitor.clone(), pending.clone());
        async move { complete_upload(&visitor, &pending).await }
    });
    for reply in replies.await {
        match reply.status {
            200 => {}
            202 => {
                let body = reply.json();
                assert_eq!(body, json!({"id": pending["id"], "status": "completing"}));
                assert_eq!(reply.header("retry-after"), Some("2"));
            }
            other => panic!("{other}: {}", reply.text),
        }
    }
    app.wait_for_worker().await;
    let version = complete_upload(&ada.visitor, &pending).await.expect(200).json();
    assert_eq!((&version["id"], &version["version"]), (&pending["id"], &json!(1)));
    assert!(ada.visitor.download(version["id"].as_str().unwrap()).await.1 == content);
    let log = ada.get(&format!("/v1/clients/{client}/activity")).await.expect(200).json();
    let events = log["data"].as_array().unwrap();
    let uploads: Vec<_> =
        events.iter().filter(|event| event["action"] == "artifact.uploaded").collect();
    assert_eq!(uploads.len(), 1, "{log}");
    assert_eq!(uploads[0]["user"]["email"], "ada@example.com", "{log}");
    app.assert_no_orphaned_objects().await;
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn a_large_upload_that_differs_is_refused_afterwards() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let content = generate_bytes(LARGE);
    let pending = begin_upload(&ada.visitor, &client, "models/large.bin", &content).await;
    let mut other = content;
    other[LARGE / 2] ^= 1;
    assert_eq!(put_content(&pending, &other).await.status(), 200);
    complete_upload(&ada.visitor, &pending).await.expect(202);
    app.wait_for_worker().await;
    for _ in 0..2 {
        let refused =
            complete_upload(&ada.visitor, &pending).await.expect_error(400, "UPLOAD_MISMATCH");
        assert!(refused.text.contains("SHA-256"), "{}", refused.text);
    }
    assert_eq!(app.items("", "VERSION#").await, Vec::<Value>::new());
    assert_uploads_removed(&app).await;
}

/// The worker removes an upload that differs, and fails before it has recorded that. So the next step of the job finds
/// no upload.
#[tokio::test]
async fn a_job_whose_upload_was_removed_ends() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let pending = begin_upload(&ada.visitor, &client, "a", b"x").await;
    let job = Job::CompleteUpload {
        artifact_id: pending["id"].as_str().unwrap().parse().unwrap(),
        actor: Actor::from(&ada.id().await),
        requester: Requester::service(),
    };
    let mut tx = app.stack().context().table.transaction();
    job.enqueue(&mut tx).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    app.wait_for_worker().await;
    assert_eq!(app.items("WORK#", "complete-upload#").await, Vec::<Value>::new());
    let dead = app.visitor().get("/local/dead-letters").await.expect(200);
    assert_eq!(dead.json(), json!({"data": []}));
    // The upload is still expected.
    complete_upload(&ada.visitor, &pending).await.expect_error(409, "UPLOAD_MISSING");
    assert_eq!(put_content(&pending, b"x").await.status(), 200);
    complete_upload(&ada.visitor, &pending).await.expect(200);
    app.assert_files_consistent().await;
}

//! Storage and files are limits of the plan, and requested uploads count. Forks are throttled.

use serde_json::{Value, json};
use shared::blobs::Sha256;
use tests::time::{DAY, HOUR};
use tests::{Person, Reply, TestApp, race};

const MIB: u64 = 1024 * 1024;

/// Requests an upload whose content nobody has.
async fn request_upload(person: &Person, client: &str, path: &str, size: u64) -> Reply {
    let sha256 = Sha256::of(path.as_bytes()).to_string();
    let body = json!({"org_id": client, "path": path, "size": size, "sha256": sha256});
    person.post("/v1/artifacts", body).await
}

/// Returns the usage of a metric and its limit.
async fn metric(person: &Person, client: &str, name: &str) -> (Value, Value) {
    let usage = person.get(&format!("/v1/clients/{client}/usage")).await.expect(200).json();
    let metrics = usage["metrics"].as_array().unwrap();
    let metric = metrics.iter().find(|metric| metric["name"] == name).unwrap();
    (metric["used"].clone(), metric["limit"].clone())
}

#[tokio::test]
async fn free_plan_storage_of_requested_uploads_is_one_gibibyte() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let replies = race(16, |number| {
        let (ada, client) = (ada.clone(), client.clone());
        async move { request_upload(&ada, &client, &format!("large/{number}"), 300 * MIB).await }
    })
    .await;
    let accepted = replies.iter().filter(|reply| reply.status == 200).count();
    for reply in replies.into_iter().filter(|reply| reply.status != 200 && reply.status != 503) {
        reply.expect_error(402, "PLAN_LIMIT");
    }
    assert!(accepted <= 3, "{accepted} of 300 MiB");
    while request_upload(&ada, &client, "last", 200 * MIB).await.status == 200 {}
    let refused = request_upload(&ada, &client, "last", 300 * MIB).await;
    assert!(refused.text.contains("GiB of storage"), "{}", refused.text);
    let (used, limit) = metric(&ada, &client, "storage_bytes").await;
    assert!(used.as_u64().unwrap() <= 1024 * MIB);
    assert_eq!(limit, 1024 * MIB);
    app.assert_files_consistent().await;
    // What is not uploaded is released after a day.
    app.advance_clock(DAY + 2 * HOUR).await;
    app.wait_for_worker().await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(metric(&ada, &client, "storage_bytes").await.0, 0);
    request_upload(&ada, &client, "again", 300 * MIB).await.expect(200);
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn free_plan_storage_counts_stored_files_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let first = ada.visitor.upload(&client, Some(&project), "a", b"12345").await;
    ada.visitor.upload(&client, Some(&project), "b", b"12345").await;
    let third = ada.visitor.upload(&client, None, "c", b"123").await;
    assert_eq!(metric(&ada, &client, "stored_files").await, (json!(2), json!(1000)));
    assert_eq!(metric(&ada, &client, "storage_bytes").await.0, 8);
    // A content that another version still has is not released.
    for (file, left) in [(&first, (2, 8)), (&third, (1, 5))] {
        ada.visitor.delete_file(file["id"].as_str().unwrap()).await.expect(200);
        assert_eq!(metric(&ada, &client, "stored_files").await.0, left.0);
        assert_eq!(metric(&ada, &client, "storage_bytes").await.0, left.1);
    }
    app.assert_files_consistent().await;
    ada.delete(&format!("/v1/projects/{project}"), json!({})).await.expect(200);
    app.wait_for_worker().await;
    assert_eq!(metric(&ada, &client, "storage_bytes").await.0, 0);
    app.assert_files_consistent().await;
}

#[tokio::test]
async fn free_plan_storage_limits_files_and_forks() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    ada.visitor.upload(&client, Some(&project), "a", b"12345").await;
    app.set_stored_files(&client, 1_000).await;
    let more = tests::file(&client, None, "more", b"more");
    let refused = ada.post("/v1/artifacts", more).await;
    assert!(refused.text.contains("1000 for stored files"), "{}", refused.text);
    refused.expect_error(402, "PLAN_LIMIT");
    // A content that is stored already needs no storage.
    ada.visitor.upload(&client, None, "same", b"12345").await;
    for number in 0..=20 {
        let fork = ada.post(&format!("/v1/projects/{project}/fork"), json!({})).await;
        if number == 20 {
            fork.expect_error(429, "RATE_LIMITED");
        } else {
            let fork = fork.expect(200).json()["id"].as_str().unwrap().to_owned();
            ada.delete(&format!("/v1/projects/{fork}"), json!({})).await.expect(200);
        }
    }
}

//! File contents in [moto](https://docs.getmoto.org), an independent S3 simulator at `MOTO_URL`.
//!
//! Each test has a bucket of its own, so several runs can share a moto. Moto checks neither
//! signatures nor declared checksums; `content.rs` tests those.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use local::StackOptions;
use reqwest::{Client, Response};
use serde_json::json;
use shared::blobs::{BlobKey, BlobStore, Sha256, UploadCheck};
use tests::blobs::{
    MINUTE, blob_exists, declare_csv, generate_bytes, new_blob_key, put_bytes, upload_key,
};
use tests::{TestApp, service_url};

/// Starts a stack that stores contents in moto.
async fn start_app() -> TestApp {
    let url = service_url("MOTO_URL");
    // `moto.rs` reads moto's recording, which mixes up large concurrent requests.
    let stop = Client::new().post(format!("{url}/moto-api/recorder/stop-recording")).send().await;
    stop.expect("moto answers").error_for_status().unwrap();
    TestApp::start_with_options(StackOptions { s3_url: Some(url), ..StackOptions::default() }).await
}

/// Uploads bytes through a presigned URL as `curl -T` does, and checks the upload against the
/// declared content.
async fn upload_and_check(
    blobs: &BlobStore,
    to: &BlobKey,
    sent: Vec<u8>,
    declared: &[u8],
) -> UploadCheck {
    let from = upload_key();
    let url = blobs.upload_url(&from, sent.len() as u64, MINUTE).await.unwrap();
    assert_eq!(put_bytes(&url, sent).await.status(), 200);
    let (size, sha256) = (declared.len() as u64, Sha256::of(declared));
    let outcome = blobs.check_upload(&from, to, declare_csv(size, &sha256)).await.unwrap();
    // A mismatching upload is removed at once.
    assert_eq!(blob_exists(blobs, &from).await, outcome == UploadCheck::Stored);
    outcome
}

/// Downloads a blob.
async fn download(blobs: &BlobStore, object: &BlobKey) -> Response {
    let url = blobs.download_url(object, "a \"b\".csv", "text/csv", MINUTE).await.unwrap();
    reqwest::get(url).await.unwrap()
}

#[tokio::test]
async fn a_large_file_downloads_unchanged() {
    let app = start_app().await;
    let blobs = app.stack().blobs();
    let (to, sent) = (new_blob_key(), generate_bytes(25 * 1024 * 1024));
    assert_eq!(upload_and_check(blobs, &to, sent.clone(), &sent).await, UploadCheck::Stored);
    let answer = download(blobs, &to).await;
    let headers = answer.headers().clone();
    assert!(answer.bytes().await.unwrap() == sent);
    assert_eq!(headers["content-type"], "text/csv");
    let disposition = "attachment; filename=\"a _b_.csv\"; filename*=UTF-8''a%20%22b%22.csv";
    assert_eq!(headers["content-disposition"], disposition);
}

#[tokio::test]
async fn a_mismatching_upload_is_removed() {
    let app = start_app().await;
    let (blobs, to) = (app.stack().blobs(), new_blob_key());
    let outcome = upload_and_check(blobs, &to, b"four".to_vec(), b"three").await;
    assert_eq!(outcome, UploadCheck::Mismatch { size: 4, sha256: None });
    let outcome = upload_and_check(blobs, &to, b"evil".to_vec(), b"good").await;
    let sha256 = Some(Sha256::of(b"evil"));
    assert_eq!(outcome, UploadCheck::Mismatch { size: 4, sha256 });
    assert!(!blob_exists(blobs, &to).await);
    let missing = upload_key();
    let outcome = blobs.check_upload(&missing, &to, declare_csv(4, &Sha256::of(b"good"))).await;
    assert_eq!(outcome.unwrap(), UploadCheck::Missing);
}

#[tokio::test]
async fn an_inline_upload_is_stored_until_removed() {
    let app = start_app().await;
    let blobs = app.stack().blobs();
    let (object, sent) = (new_blob_key(), generate_bytes(4 * 1024 * 1024));
    blobs.put(&object, sent.clone(), &Sha256::of(&sent), "text/csv").await.unwrap();
    assert!(download(blobs, &object).await.bytes().await.unwrap() == sent);
    blobs.remove(&object).await.unwrap();
    assert!(!blob_exists(blobs, &object).await);
    blobs.remove(&object).await.unwrap();
}

/// Tests the API calls: an upload by URL with completion and download, and an upload in the request body.
#[tokio::test]
async fn artifacts_are_uploaded_and_downloaded_unchanged() {
    let app = start_app().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let sent = generate_bytes(25 * 1024 * 1024);
    let sha256 = Sha256::of(&sent).to_string();
    let body = json!({"org_id": client, "path": "a/b", "size": sent.len(), "sha256": sha256});
    let pending = ada.post("/v1/artifacts", body).await.expect(200).json();
    let url = pending["upload_url"].as_str().unwrap();
    let answer = Client::new().put(url).body(sent.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let id = pending["id"].as_str().unwrap();
    ada.post(&format!("/v1/artifacts/{id}/complete"), json!({})).await.expect(200);
    assert!(ada.visitor.download(id).await.1 == sent);

    let sent = generate_bytes(4 * 1024 * 1024);
    let kept = ada.visitor.upload(&client, None, "4 MiB", &sent).await;
    let id = kept["id"].as_str().unwrap();
    let (headers, received) = ada.visitor.download(id).await;
    assert!(received == sent);
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment;"));
    ada.visitor.delete_file(id).await.expect(200);
    app.assert_no_orphaned_objects().await;
}

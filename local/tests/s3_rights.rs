//! Tests of the rights that functions have at S3.

#![allow(clippy::unwrap_used)] // a test says so by failing

use std::time::Duration;

use local::{RequestShapes, Stack, StackOptions};
use reqwest::{Client, Response};
use shared::blobs::{BlobKey, BlobStore, DeclaredContent, Sha256, UploadCheck};
use shared::error::{Error, Result};
use shared::ids::OrganizationId;
use shared::random::SystemRandom;

const MINUTE: Duration = Duration::from_secs(60);

/// Starts a stack. Returns the record of the rights that its functions use as well.
async fn start() -> (Stack, RequestShapes) {
    let shapes = RequestShapes::default();
    let request_shapes = Some(shapes.clone());
    let options = StackOptions { request_shapes, ..StackOptions::default() };
    (Stack::start(options).await.unwrap(), shapes)
}

/// Returns the blob store of a function.
fn blobs_of(stack: &Stack, binary: &str) -> BlobStore {
    let sdk = stack.s3_sdk_of_function(binary).unwrap();
    BlobStore::new(&sdk, stack.content_bucket().to_owned())
}

/// Generates the key of a stored blob.
fn stored_key() -> BlobKey {
    BlobKey::for_organization(&OrganizationId::from_bits(&[7; 16]), &SystemRandom)
}

/// Stores a blob of one byte.
async fn put(blobs: &BlobStore, key: &BlobKey) -> Result<()> {
    blobs.put(key, b"x".to_vec(), &Sha256::of(b"x"), "text/plain").await
}

/// Sends one byte to an upload URL.
async fn put_url(blobs: &BlobStore, key: &BlobKey) -> Response {
    let url = blobs.upload_url(key, 1, MINUTE).await.unwrap();
    Client::new().put(url).body("x").send().await.unwrap()
}

/// Reads a download URL.
async fn get_url(blobs: &BlobStore, key: &BlobKey) -> Response {
    let url = blobs.download_url(key, "x", "text/plain", MINUTE).await.unwrap();
    reqwest::get(url).await.unwrap()
}

/// Lists the recorded rights at S3.
fn used_rights(shapes: &RequestShapes) -> Vec<String> {
    shapes.used_rights().into_iter().filter(|right| right.contains(" s3:")).collect()
}

/// Returns whether a call was refused. S3's `AccessDenied` is no temporary failure.
fn is_refused<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Internal(_)))
}

#[tokio::test]
async fn a_function_has_only_the_rights_of_its_policy() {
    let (stack, shapes) = start().await;
    let (auth, dashboard) = (blobs_of(&stack, "auth"), blobs_of(&stack, "dashboard"));
    let worker = blobs_of(&stack, "worker");
    let (key, missing) = (stored_key(), stored_key());
    assert!(is_refused(&put(&auth, &key).await));
    put(&dashboard, &key).await.unwrap();
    assert!(is_refused(&auth.exists(&key).await));
    assert!(is_refused(&auth.remove(&key).await) && is_refused(&dashboard.remove(&key).await));
    assert!(dashboard.exists(&key).await.unwrap());
    // S3 tells only those who may list the bucket that an object is missing.
    assert!(is_refused(&dashboard.exists(&missing).await));
    assert!(!worker.exists(&missing).await.unwrap());
    worker.remove(&key).await.unwrap();
    // The stack itself may do everything, and records nothing.
    put(stack.blobs(), &key).await.unwrap();
    stack.blobs().remove(&key).await.unwrap();
    assert!(!stack.blobs().exists(&key).await.unwrap());
    assert_eq!(
        used_rights(&shapes),
        [
            "DashboardFunction s3:GetObject Content/*",
            "DashboardFunction s3:PutObject Content/*",
            "WorkerFunction s3:DeleteObject Content/*",
            "WorkerFunction s3:GetObject Content/*",
            "WorkerFunction s3:ListBucket Content",
        ]
    );
    assert!(stack.s3_sdk_of_function("other").is_none());
    stack.stop().await;
}

#[tokio::test]
async fn a_url_has_the_rights_of_its_signer() {
    let (stack, shapes) = start().await;
    let (auth, projects) = (blobs_of(&stack, "auth"), blobs_of(&stack, "projects"));
    let (key, missing) = (BlobKey::for_upload(&SystemRandom), stored_key());
    let refused = put_url(&auth, &key).await;
    assert_eq!(refused.status(), 403);
    let body = refused.text().await.unwrap();
    assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");
    assert!(body.contains("AuthFunction is not authorized to perform: s3:PutObject"), "{body}");
    assert_eq!(used_rights(&shapes), Vec::<String>::new());
    assert_eq!(put_url(&projects, &key).await.status(), 200);
    assert_eq!(used_rights(&shapes), ["ProjectsFunction s3:PutObject Content/*"]);
    assert_eq!(get_url(&auth, &key).await.status(), 403);
    assert_eq!(get_url(&projects, &key).await.status(), 200);
    // A function that may not list the bucket does not learn that an object is missing.
    assert_eq!(get_url(&blobs_of(&stack, "dashboard"), &missing).await.status(), 403);
    assert_eq!(get_url(&projects, &missing).await.status(), 404);
    stack.stop().await;
}

#[tokio::test]
async fn every_right_that_a_completion_uses_is_recorded() {
    let (stack, shapes) = start().await;
    let projects = blobs_of(&stack, "projects");
    let (upload, to, sha256) = (BlobKey::for_upload(&SystemRandom), stored_key(), Sha256::of(b"x"));
    let declared =
        DeclaredContent { size: 1, sha256: &sha256, content_type: "x/y", copy_timeout: MINUTE };
    put(stack.blobs(), &upload).await.unwrap();
    let outcome = projects.check_upload(&upload, &to, declared).await.unwrap();
    assert_eq!(outcome, UploadCheck::Stored);
    let used = used_rights(&shapes);
    let expected = ["s3:GetObject Content/*", "s3:PutObject Content/*"];
    assert_eq!(used, expected.map(|right| format!("ProjectsFunction {right}")));
    // `tests/unused-rights` compares the record with this list.
    let rights = local::function_rights().unwrap();
    assert!(used.iter().all(|right| rights.contains(right)), "{used:?}");
    stack.stop().await;
}

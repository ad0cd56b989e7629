//! Tests of blobs: upload through a URL, check and download.

use std::path::PathBuf;

use local::{StackData, StackOptions};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use shared::blobs::{BlobKey, BlobStore, Sha256, UploadCheck};
use shared::random::{Random, SystemRandom};
use tests::TestApp;
use tests::blobs::{
    MINUTE, blob_exists, declare_csv, generate_bytes, new_blob_key, put_bytes, upload_key,
};

/// A size that is many times what a request can carry.
const LARGE: usize = 25 * 1024 * 1024;

/// Uploads bytes through a URL for the declared size and finalizes the upload.
async fn upload_and_check(
    blobs: &BlobStore,
    sent: Vec<u8>,
    declared: &[u8],
) -> (UploadCheck, BlobKey, BlobKey) {
    let (from, to) = (upload_key(), new_blob_key());
    let url = blobs.upload_url(&from, sent.len() as u64, MINUTE).await.unwrap();
    assert_eq!(put_bytes(&url, sent).await.status(), 200);
    let sha256 = Sha256::of(declared);
    let outcome = blobs.check_upload(&from, &to, declare_csv(declared.len() as u64, &sha256)).await;
    (outcome.unwrap(), from, to)
}

/// Downloads a blob through a URL.
async fn get_blob(blobs: &BlobStore, object: &BlobKey) -> (StatusCode, HeaderMap, Vec<u8>) {
    let url = blobs.download_url(object, "Übersicht \"1\".csv", "text/csv", MINUTE).await.unwrap();
    let answer = reqwest::get(url).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().into())
}

#[tokio::test]
async fn a_large_blob_is_downloaded_unchanged() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let sent = generate_bytes(LARGE);
    let (outcome, from, to) = upload_and_check(blobs, sent.clone(), &sent).await;
    assert_eq!(outcome, UploadCheck::Stored);
    let (status, headers, received) = get_blob(blobs, &to).await;
    assert_eq!((status, received == sent), (StatusCode::OK, true));
    assert_eq!(headers[CONTENT_TYPE], "text/csv");
    assert_eq!(headers[CONTENT_LENGTH], LARGE.to_string().as_str());
    assert_eq!(
        headers[CONTENT_DISPOSITION],
        "attachment; filename=\"_bersicht _1_.csv\"; \
         filename*=UTF-8''%C3%9Cbersicht%20%221%22.csv"
    );
    // A client reads another object than the one that the upload URL can overwrite.
    assert!(blob_exists(blobs, &from).await && from != to);
}

/// A client whose request timed out finalizes again.
#[tokio::test]
async fn a_finalized_blob_does_not_change() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (sent, sha256) = (b"a,b".to_vec(), Sha256::of(b"a,b"));
    let (_, from, to) = upload_and_check(blobs, sent.clone(), &sent).await;
    let another = new_blob_key();
    let again = blobs.check_upload(&from, &another, declare_csv(3, &sha256)).await.unwrap();
    assert_eq!(again, UploadCheck::Stored);
    // The upload URL is still valid, but it does not change the stored blob.
    let url = blobs.upload_url(&from, 3, MINUTE).await.unwrap();
    assert_eq!(put_bytes(&url, b"c,d".to_vec()).await.status(), 200);
    let late = new_blob_key();
    let again = blobs.check_upload(&from, &late, declare_csv(3, &sha256)).await.unwrap();
    assert_eq!(again, UploadCheck::Mismatch { size: 3, sha256: Some(Sha256::of(b"c,d")) });
    for kept in [&to, &another] {
        assert_eq!(get_blob(blobs, kept).await.2, sent);
    }
    assert!(!blob_exists(blobs, &late).await && !blob_exists(blobs, &from).await);
}

#[tokio::test]
async fn a_blob_of_another_size_is_refused_and_deleted() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (outcome, from, to) = upload_and_check(blobs, b"four".to_vec(), b"three").await;
    assert_eq!(outcome, UploadCheck::Mismatch { size: 4, sha256: None });
    assert!(!blob_exists(blobs, &from).await && !blob_exists(blobs, &to).await);
}

#[tokio::test]
async fn a_blob_with_another_hash_is_refused_and_deleted() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (outcome, from, to) = upload_and_check(blobs, b"evil".to_vec(), b"good").await;
    let sha256 = Some(Sha256::of(b"evil"));
    assert_eq!(outcome, UploadCheck::Mismatch { size: 4, sha256 });
    assert!(!blob_exists(blobs, &from).await && !blob_exists(blobs, &to).await);
}

#[tokio::test]
async fn a_missing_upload_is_reported() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let outcome =
        blobs.check_upload(&upload_key(), &new_blob_key(), declare_csv(1, &Sha256::of(b"x"))).await;
    assert_eq!(outcome.unwrap(), UploadCheck::Missing);
}

#[tokio::test]
async fn an_inline_blob_is_stored_if_its_hash_matches() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (object, sent) = (new_blob_key(), generate_bytes(4 * 1024 * 1024));
    let sha256 = Sha256::of(&sent);
    assert!(blobs.put(&object, b"other".to_vec(), &sha256, "text/csv").await.is_err());
    assert!(!blob_exists(blobs, &object).await);
    blobs.put(&object, sent.clone(), &sha256, "text/csv").await.unwrap();
    assert!(get_blob(blobs, &object).await.2 == sent);
    let empty = new_blob_key();
    blobs.put(&empty, Vec::new(), &Sha256::of(b""), "text/csv").await.unwrap();
    assert_eq!(get_blob(blobs, &empty).await.2, b"");
    blobs.remove(&empty).await.unwrap();
    blobs.remove(&empty).await.unwrap();
    assert!(!blob_exists(blobs, &empty).await && blob_exists(blobs, &object).await);
}

#[tokio::test]
async fn blobs_survive_a_restart_with_a_data_folder() {
    let random: &dyn Random = &SystemRandom;
    let folder = std::env::temp_dir().join(format!("content-{}", random.identifier()));
    let _removed = Removed(folder.clone());
    let start = || {
        let data = StackData::Folder(folder.clone());
        TestApp::start_with_options(StackOptions { data, ..StackOptions::default() })
    };
    let app = start().await;
    let sent = generate_bytes(1_000_000);
    let (_, from, to) = upload_and_check(app.stack().blobs(), sent.clone(), &sent).await;
    let deleted = new_blob_key();
    app.stack().blobs().put(&deleted, b"x".to_vec(), &Sha256::of(b"x"), "x/y").await.unwrap();
    app.stack().blobs().put(&deleted, b"y".to_vec(), &Sha256::of(b"y"), "x/y").await.unwrap();
    assert_eq!(get_blob(app.stack().blobs(), &deleted).await.2, b"y");
    app.stack().blobs().remove(&deleted).await.unwrap();
    app.stop().await;
    // Each of the two objects, the upload and the stored blob, has a description and its bytes.
    assert_eq!(std::fs::read_dir(folder.join("content")).unwrap().count(), 4);

    let app = start().await;
    let blobs = app.stack().blobs();
    assert!(get_blob(blobs, &to).await.2 == sent);
    let (again, sha256) = (new_blob_key(), Sha256::of(&sent));
    let outcome = blobs.check_upload(&from, &again, declare_csv(1_000_000, &sha256)).await.unwrap();
    assert_eq!(outcome, UploadCheck::Stored);
    assert!(!blob_exists(blobs, &deleted).await);
    app.stop().await;
}

/// A folder that is removed when it is dropped.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

//! Uploads that are overwritten through their URL while they are checked, and an S3 that omits the checksum.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use reqwest::Client;
use shared::blobs::{BlobStore, Sha256, UploadCheck};
use shared::error::Error;
use tests::TestApp;
use tests::blobs::{
    MINUTE, blob_exists, declare_csv, download_blob, new_blob_key, put_bytes, upload_key,
};
use tests::test_server::serve;

/// How the proxy interferes with the first copy.
enum Interference {
    /// Puts this content to this URL before the copy.
    OverwriteBefore(String, &'static str),
    /// Removes the SHA-256 from the response.
    OmitSha256,
}

/// State of the proxy in front of S3.
struct InterferingProxy {
    target: String,
    interference: Mutex<Option<Interference>>,
}

/// Returns the stack's blob store behind a proxy that interferes with the first copy.
async fn blobs_behind_proxy(app: &TestApp, interference: Interference) -> BlobStore {
    let url = app.stack().blobs().upload_url(&new_blob_key(), 1, MINUTE).await.unwrap();
    let target = url.split("/aius-local-content/").next().unwrap().to_owned();
    let proxy = Arc::new(InterferingProxy { target, interference: Mutex::new(Some(interference)) });
    let url = serve(Router::new().fallback(forward).with_state(proxy)).await;
    let sdk = app.stack().sdk().to_builder().service_config(Endpoint(url)).build();
    BlobStore::new(&sdk, "aius-local-content".to_owned())
}

/// Endpoint URL of all AWS services.
#[derive(Debug)]
struct Endpoint(String);

impl LoadServiceConfig for Endpoint {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.env() == "AWS_ENDPOINT_URL").then(|| self.0.clone())
    }
}

/// Forwards a request to S3, and interferes with the first copy.
async fn forward(
    State(proxy): State<Arc<InterferingProxy>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, Bytes) {
    let is_copy = headers.contains_key("x-amz-copy-source");
    let interference = if is_copy { proxy.interference.lock().unwrap().take() } else { None };
    if let Some(Interference::OverwriteBefore(url, text)) = &interference {
        assert_eq!(put_bytes(url, text.as_bytes().to_vec()).await.status(), 200);
    }
    let url = format!("{}{uri}", proxy.target);
    let answer = Client::new().request(method, url).headers(headers).body(body).send().await;
    let answer = answer.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    let mut body = answer.bytes().await.unwrap();
    if let Some(Interference::OmitSha256) = &interference {
        let text = str::from_utf8(&body).unwrap();
        assert!(text.contains("ChecksumSHA256"), "{text}");
        body = text.replace("ChecksumSHA256", "ChecksumSHA255").into();
        headers.remove("content-length");
    }
    (status, headers, body)
}

#[tokio::test]
async fn an_upload_overwritten_before_the_copy_is_not_stored() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (from, to, good) = (upload_key(), new_blob_key(), Sha256::of(b"good"));
    let url = blobs.upload_url(&from, 4, MINUTE).await.unwrap();
    assert_eq!(put_bytes(&url, b"good".to_vec()).await.status(), 200);
    let intercepted = blobs_behind_proxy(&app, Interference::OverwriteBefore(url, "evil")).await;
    let outcome = intercepted.check_upload(&from, &to, declare_csv(4, &good)).await;
    assert_eq!(outcome.unwrap(), UploadCheck::Overwritten);
    assert!(!blob_exists(blobs, &to).await);
    // The next check reads the overwritten content.
    let outcome = intercepted.check_upload(&from, &to, declare_csv(4, &good)).await.unwrap();
    assert_eq!(outcome, UploadCheck::Mismatch { size: 4, sha256: Some(Sha256::of(b"evil")) });
    assert!(!blob_exists(blobs, &to).await && !blob_exists(blobs, &from).await);
}

#[tokio::test]
async fn a_copy_response_without_sha256_is_an_error() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (from, to, good) = (upload_key(), new_blob_key(), Sha256::of(b"good"));
    let url = blobs.upload_url(&from, 4, MINUTE).await.unwrap();
    assert_eq!(put_bytes(&url, b"good".to_vec()).await.status(), 200);
    let intercepted = blobs_behind_proxy(&app, Interference::OmitSha256).await;
    let outcome = intercepted.check_upload(&from, &to, declare_csv(4, &good)).await;
    assert!(matches!(outcome, Err(Error::Internal(_))), "{outcome:?}");
    let outcome = intercepted.check_upload(&from, &to, declare_csv(4, &good)).await;
    assert_eq!(outcome.unwrap(), UploadCheck::Stored);
}

/// A holder of the URL uploads again and again during the check. Only the declared content is ever stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_stored_only_with_its_declared_content() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (good, evil) = (vec![b'g'; 100_000], vec![b'e'; 100_000]);
    let from = upload_key();
    let url = blobs.upload_url(&from, 100_000, MINUTE).await.unwrap();
    let (mine, theirs) = (good.clone(), evil.clone());
    let writing = tokio::spawn(async move {
        loop {
            assert_eq!(put_bytes(&url, mine.clone()).await.status(), 200);
            assert_eq!(put_bytes(&url, theirs.clone()).await.status(), 200);
        }
    });
    let (mut whole, mut not) = (0, 0);
    while whole < 5 || not < 5 {
        let to = new_blob_key();
        match blobs.check_upload(&from, &to, declare_csv(100_000, &Sha256::of(&good))).await {
            Ok(UploadCheck::Stored) => {
                assert!(download_blob(blobs, &to).await.bytes().await.unwrap() == good);
                whole += 1;
            }
            Ok(UploadCheck::Missing) => tokio::time::sleep(Duration::from_millis(1)).await,
            // The check fails because it read the other content, or because the content changed meanwhile.
            Ok(UploadCheck::Mismatch { sha256, .. }) => {
                assert_eq!(sha256, Some(Sha256::of(&evil)));
                assert!(!blob_exists(blobs, &to).await);
                not += 1;
            }
            Ok(UploadCheck::Overwritten) => {
                assert!(!blob_exists(blobs, &to).await);
                not += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    writing.abort();
}

//! Uploads that somebody overwrites through the URL while they are settled, and an S3 that doesn't say
//! what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use reqwest::{Client, Response};
use shared::blobs::{BlobKey, BlobStore, DeclaredContent, Sha256, UploadCheck};
use shared::error::Error;
use shared::ids::OrganizationId;
use shared::random::SystemRandom;
use tests::TestApp;
use tokio::net::TcpListener;

/// Declares a CSV file.
fn csv(size: u64, sha256: &Sha256) -> DeclaredContent<'_> {
    DeclaredContent { size, sha256, content_type: "text/csv" }
}

const MINUTE: Duration = Duration::from_secs(60);

fn kept() -> BlobKey {
    BlobKey::for_organization(&OrganizationId::from_bits(&[7; 16]), &SystemRandom)
}

async fn put(url: &str, bytes: Vec<u8>) {
    let answer = Client::new().put(url).body(bytes).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

async fn get(blobs: &BlobStore, object: &BlobKey) -> Response {
    let url = blobs.download_url(object, "x", "text/csv", MINUTE).await.unwrap();
    reqwest::get(url).await.unwrap()
}

async fn is_there(blobs: &BlobStore, object: &BlobKey) -> bool {
    get(blobs, object).await.status() == 200
}

/// What happens to a copy on the way to S3 and back.
enum Mischief {
    /// This is put to this URL first.
    Overwrites(String, &'static str),
    /// The answer comes without the SHA-256.
    Forgets,
}

struct Between {
    /// Where S3 is.
    target: String,
    mischief: Mutex<Option<Mischief>>,
}

/// The stack's contents by way of a proxy that does mischief to the first copy.
async fn through(app: &TestApp, mischief: Mischief) -> BlobStore {
    let url = app.stack().blobs().upload_url(&kept(), 1, MINUTE).await.unwrap();
    let target = url.split("/aius-local-content/").next().unwrap().to_owned();
    let between = Arc::new(Between { target, mischief: Mutex::new(Some(mischief)) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(forward).with_state(between);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let sdk = app.stack().sdk().to_builder().service_config(Endpoint(url)).build();
    BlobStore::new(&sdk, "aius-local-content".to_owned())
}

/// Where all services are.
#[derive(Debug)]
struct Endpoint(String);

impl LoadServiceConfig for Endpoint {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.env() == "AWS_ENDPOINT_URL").then(|| self.0.clone())
    }
}

async fn forward(
    State(between): State<Arc<Between>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, Bytes) {
    let is_copy = headers.contains_key("x-amz-copy-source");
    let mischief = if is_copy { between.mischief.lock().unwrap().take() } else { None };
    if let Some(Mischief::Overwrites(url, text)) = &mischief {
        put(url, text.as_bytes().to_vec()).await;
    }
    let url = format!("{}{uri}", between.target);
    let answer = Client::new().request(method, url).headers(headers).body(body).send().await;
    let answer = answer.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    let mut body = answer.bytes().await.unwrap();
    if let Some(Mischief::Forgets) = &mischief {
        let text = str::from_utf8(&body).unwrap();
        assert!(text.contains("ChecksumSHA256"), "{text}");
        body = text.replace("ChecksumSHA256", "ChecksumSHA255").into();
        headers.remove("content-length");
    }
    (status, headers, body)
}

#[tokio::test]
async fn what_is_overwritten_before_the_copy_is_not_kept() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (from, to, good) = (BlobKey::for_upload(&SystemRandom), kept(), Sha256::of(b"good"));
    let url = blobs.upload_url(&from, 4, MINUTE).await.unwrap();
    put(&url, b"good".to_vec()).await;
    let sly = through(&app, Mischief::Overwrites(url, "evil")).await;
    let outcome = sly.check_upload(&from, &to, csv(4, &good)).await;
    assert!(matches!(outcome, Err(Error::Conflict)), "{outcome:?}");
    assert!(!is_there(blobs, &to).await);
    // The next try sees what is there now.
    let outcome = sly.check_upload(&from, &to, csv(4, &good)).await.unwrap();
    assert_eq!(outcome, UploadCheck::Mismatch { size: 4, sha256: Some(Sha256::of(b"evil")) });
    assert!(!is_there(blobs, &to).await && !is_there(blobs, &from).await);
}

#[tokio::test]
async fn a_copy_without_its_sha256_is_taken_for_nothing() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (from, to, good) = (BlobKey::for_upload(&SystemRandom), kept(), Sha256::of(b"good"));
    let url = blobs.upload_url(&from, 4, MINUTE).await.unwrap();
    put(&url, b"good".to_vec()).await;
    let forgetful = through(&app, Mischief::Forgets).await;
    let outcome = forgetful.check_upload(&from, &to, csv(4, &good)).await;
    assert!(matches!(outcome, Err(Error::Internal(_))), "{outcome:?}");
    let outcome = forgetful.check_upload(&from, &to, csv(4, &good)).await;
    assert_eq!(outcome.unwrap(), UploadCheck::Stored);
}

/// While S3 is asked, somebody with the URL uploads again and again: what is kept is what was declared,
/// or nothing is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_overwritten_meanwhile_is_never_kept_as_something_else() {
    let app = TestApp::start().await;
    let blobs = app.stack().blobs();
    let (good, evil) = (vec![b'g'; 100_000], vec![b'e'; 100_000]);
    let from = BlobKey::for_upload(&SystemRandom);
    let url = blobs.upload_url(&from, 100_000, MINUTE).await.unwrap();
    let (mine, theirs) = (good.clone(), evil.clone());
    let writing = tokio::spawn(async move {
        loop {
            put(&url, mine.clone()).await;
            put(&url, theirs.clone()).await;
        }
    });
    let (mut whole, mut not) = (0, 0);
    while whole < 5 || not < 5 {
        let to = kept();
        match blobs.check_upload(&from, &to, csv(100_000, &Sha256::of(&good))).await {
            Ok(UploadCheck::Stored) => {
                assert!(get(blobs, &to).await.bytes().await.unwrap() == good);
                whole += 1;
            }
            Ok(UploadCheck::Missing) => tokio::time::sleep(Duration::from_millis(1)).await,
            // Refused as what it is, or as written meanwhile.
            Ok(UploadCheck::Mismatch { sha256, .. }) => {
                assert_eq!(sha256, Some(Sha256::of(&evil)));
                assert!(!is_there(blobs, &to).await);
                not += 1;
            }
            Err(Error::Conflict) => {
                assert!(!is_there(blobs, &to).await);
                not += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    writing.abort();
}

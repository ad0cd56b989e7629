//! Blobs in the blob store.

use std::time::Duration;

use reqwest::{Client, Response};
use shared::blobs::{BlobKey, BlobStore, DeclaredContent, Sha256};
use shared::ids::OrganizationId;
use shared::random::{Random as _, SystemRandom};

/// Generates a key for a stored blob.
pub fn new_blob_key() -> BlobKey {
    BlobKey::for_organization(&OrganizationId::from_bits(&[7; 16]), &SystemRandom)
}

/// Declares the content of a CSV file.
pub fn declare_csv(size: u64, sha256: &Sha256) -> DeclaredContent<'_> {
    DeclaredContent { size, sha256, content_type: "text/csv", copy_timeout: MINUTE }
}

/// Uploads bytes to a presigned URL as `curl -T` does, without additional headers.
pub async fn put_bytes(url: &str, bytes: Vec<u8>) -> Response {
    Client::new().put(url).body(bytes).send().await.unwrap()
}

/// Downloads a blob.
pub async fn download_blob(blobs: &BlobStore, object: &BlobKey) -> Response {
    let url = blobs.download_url(object, "x", "text/csv", MINUTE).await.unwrap();
    reqwest::get(url).await.unwrap()
}

/// Reports whether a blob exists.
pub async fn blob_exists(blobs: &BlobStore, object: &BlobKey) -> bool {
    let status = download_blob(blobs, object).await.status();
    assert!(status == 200 || status.is_client_error(), "{status}");
    status == 200
}

/// One minute, the usual life of a URL in these tests.
pub const MINUTE: Duration = Duration::from_secs(60);

/// Generates random bytes.
pub fn generate_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    SystemRandom.fill(&mut bytes);
    bytes
}

/// Generates the key of an upload.
pub fn upload_key() -> BlobKey {
    BlobKey::for_upload(&SystemRandom)
}

//! The content of artifacts, stored as objects in one S3 bucket. No other code talks to S3.
//!
//! Content that fits into a request is [put](BlobStore::put). Larger content is uploaded to a
//! [URL](BlobStore::upload_url) that accepts one object of the declared size, and is then
//! [checked](BlobStore::check_upload). S3 copies it and computes the SHA-256 of the copy, which is kept
//! only if the hash is as declared. Nobody ever reads an object that can still be written through
//! a URL.
//!
//! The client is not part of [`Context`](crate::context::Context), because only three functions need
//! S3, and the others start faster without it.

mod blob_key;
mod check_upload;
mod content_disposition;
mod download_url;
mod put;
mod remove;
mod s3_error;
mod sha256;
mod upload_url;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;

use crate::aws::LazyClient;
use crate::config;
use crate::error::Result;

pub use blob_key::{BlobKey, UPLOAD_PREFIX};
pub use check_upload::{DeclaredContent, UploadCheck};
pub use download_url::DOWNLOAD_URL_TTL;
pub use sha256::Sha256;
pub use upload_url::UPLOAD_URL_TTL;

/// The bucket that stores the content. It is cheap to clone; a process needs only one.
#[derive(Clone, Debug)]
pub struct BlobStore {
    client: LazyClient<aws_sdk_s3::Client>,
    bucket: String,
}

impl BlobStore {
    /// Creates a client of a bucket.
    pub fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let client = LazyClient::new(sdk, |sdk| {
            let config = aws_sdk_s3::config::Builder::from(sdk).timeout_config(timeouts()).build();
            aws_sdk_s3::Client::from_conf(config)
        });
        Self { client, bucket }
    }

    /// Creates a client of the bucket that `CONTENT_BUCKET` names.
    ///
    /// # Errors
    ///
    /// * An internal error if `CONTENT_BUCKET` is not set.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self> {
        Ok(Self::new(sdk, config::content_bucket()?))
    }
}

/// Limits the time of a call. S3 usually responds within 0.1 seconds, and transfers the largest
/// request body in about the same time.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(6))
        .build()
}

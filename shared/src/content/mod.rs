//! The content of artifacts, stored as objects in one S3 bucket. No other code talks to S3.
//!
//! Content that fits into a request is [put](Contents::put). Larger content is uploaded to a
//! [URL](Contents::upload_url) that accepts one object of the announced size, and is then
//! [settled](Contents::settle). S3 copies it and computes the SHA-256 of the copy, which is kept
//! only if the hash is as announced. Nobody ever reads an object that can still be written through
//! a URL.
//!
//! The client is not part of [`Context`](crate::context::Context), because only two functions need
//! S3, and the others start faster without it.

mod disposition;
mod download_url;
mod failure;
mod object;
mod put;
mod remove;
mod settle;
mod sha256;
mod upload_url;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;

use crate::aws::sdk_config;
use crate::config;
use crate::error::Result;

pub use object::{Object, UPLOADS};
pub use settle::{DeclaredContent, Settled};
pub use sha256::Sha256;

/// Maximum size of content in bytes, 512 MiB. S3 copies it within one request
/// ([`REQUEST_TIMEOUT`](crate::http::REQUEST_TIMEOUT)), which takes seconds at this size. S3's own
/// limit for one upload or copy is 5 GB.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// The bucket that stores the content. It is cheap to clone; a process needs only one.
#[derive(Clone, Debug)]
pub struct Contents {
    client: aws_sdk_s3::Client,
    bucket: String,
}

impl Contents {
    /// Creates a client of a bucket.
    pub fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let config = aws_sdk_s3::config::Builder::from(sdk)
            .timeout_config(timeouts())
            // Headers that the SDK adds would be signed into the URLs, and their users would have
            // to send them.
            .build();
        Self { client: aws_sdk_s3::Client::from_conf(config), bucket }
    }

    /// Creates a client from the environment: `CONTENT_BUCKET` names the bucket.
    ///
    /// # Errors
    ///
    /// * An internal error if `CONTENT_BUCKET` is not set.
    pub async fn from_environment() -> Result<Self> {
        Ok(Self::new(&sdk_config().await, config::content_bucket()?))
    }
}

/// Limits the time of a call. S3 usually responds within 0.1 seconds, and transfers the largest
/// request body in about the same time.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(6))
        .build()
}

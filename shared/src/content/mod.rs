//! What artifacts contain: objects in one bucket of S3. The only code that talks to S3.
//!
//! What fits into a request is [put](Contents::put). More goes up by itself, to a
//! [URL](Contents::upload_url) that takes one object of the declared size for a while, and is
//! [settled](Contents::settle) afterwards: S3 makes a copy, tells its SHA-256, and only a copy with the
//! declared one stays. So nothing that can still be written through a URL is ever read by anybody.
//!
//! Not part of [`Context`](crate::context::Context): only two functions need S3, and the others start
//! quicker without it.

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
pub use settle::Settled;
pub use sha256::Sha256;

/// The largest content in bytes, 512 MiB. S3 copies it within one request
/// ([`REQUEST_TIMEOUT`](crate::http::REQUEST_TIMEOUT)), which takes seconds at this size. S3's own limit
/// for one upload or copy is 5 GB.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// The bucket with the contents. Cheap to clone; one for the life of the process.
#[derive(Clone, Debug)]
pub struct Contents {
    client: aws_sdk_s3::Client,
    bucket: String,
}

impl Contents {
    /// The contents in a bucket.
    pub fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let config = aws_sdk_s3::config::Builder::from(sdk)
            .timeout_config(timeouts())
            // Whatever the SDK adds by itself would be signed into the URLs, and those who use them
            // would have to send it.
            .build();
        Self { client: aws_sdk_s3::Client::from_conf(config), bucket }
    }

    /// The contents of a function in the cloud: its bucket is `CONTENT_BUCKET`.
    pub async fn from_environment() -> Result<Self> {
        Ok(Self::new(&sdk_config().await, config::content_bucket()?))
    }
}

/// S3 answers within a tenth of a second, and takes what one request of ours carries within another.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(6))
        .build()
}

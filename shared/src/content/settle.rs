//! Taking an upload for what it was declared to be, or not at all.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumAlgorithm, MetadataDirective};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::failure::failure;
use super::{Contents, Object, Sha256};
use crate::error::{Error, Result};

/// How an upload turned out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is what was declared, and is kept.
    Whole,
    /// Nothing has been uploaded, or not yet.
    Missing,
    /// It is something else, and is gone.
    Other {
        /// Its size in bytes.
        size: u64,
        /// Its SHA-256; not looked at where the size is wrong already.
        sha256: Option<Sha256>,
    },
}

/// The content that an upload was declared to have.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredContent<'a> {
    /// The size in bytes.
    pub size: u64,
    /// The SHA-256 of the content.
    pub sha256: &'a Sha256,
    /// The media type to store.
    pub content_type: &'a str,
}

/// How long S3 may copy. Tried once: another copy would take as long, and too long.
const COPYING: Duration = Duration::from_secs(6);

/// What a copy's source is written in: as in a path, with the slashes.
const IN_A_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Contents {
    /// Keeps the `upload` as `to`, where it has that size and SHA-256, and removes it where it hasn't. `to`
    /// is new for each call: a copy that isn't waited for any more may come late, and is to overwrite
    /// nothing.
    ///
    /// [`Error::Conflict`] where the upload is written anew meanwhile, which keeps nothing. What another error
    /// leaves behind, and the upload itself, also what comes afterwards through a URL that still works, is
    /// for the caller to [remove](Contents::remove) later.
    pub async fn settle(
        &self,
        upload: &Object,
        to: &Object,
        declared: DeclaredContent<'_>,
    ) -> Result<Settled> {
        let DeclaredContent { size, sha256, content_type } = declared;
        let Some(uploaded) = self.head(upload).await? else { return Ok(Settled::Missing) };
        let other_size = size_of(&uploaded)?;
        if other_size != size {
            self.remove(upload).await?;
            return Ok(Settled::Other { size: other_size, sha256: None });
        }
        let etag = uploaded.e_tag().ok_or_else(|| Error::internal("S3 told no ETag"))?;
        let copied = self.copy(upload, etag, to, content_type).await?;
        if copied == *sha256 {
            return Ok(Settled::Whole);
        }
        tokio::try_join!(self.remove(upload), self.remove(to))?;
        Ok(Settled::Other { size, sha256: Some(copied) })
    }

    /// What S3 knows about an object; `None` where there is none.
    async fn head(&self, object: &Object) -> Result<Option<HeadObjectOutput>> {
        let request = self.client.head_object().bucket(&self.bucket).key(object.as_str());
        match request.send().await {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// Copies what has that ETag; returns the SHA-256 that S3 computed of the copy.
    async fn copy(
        &self,
        from: &Object,
        etag: &str,
        to: &Object,
        content_type: &str,
    ) -> Result<Sha256> {
        let patience = TimeoutConfig::builder()
            .operation_attempt_timeout(COPYING)
            .operation_timeout(COPYING)
            .build();
        let source = format!("{}/{}", self.bucket, from.as_str());
        let copied = self
            .client
            .copy_object()
            .copy_source(utf8_percent_encode(&source, IN_A_PATH).to_string())
            // Whoever has the URL may put something else there at any moment.
            .copy_source_if_match(etag)
            .bucket(&self.bucket)
            .key(to.as_str())
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(content_type)
            .customize()
            .config_override(Builder::new().timeout_config(patience))
            .send()
            .await
            .map_err(|error| match error.code() {
                Some("PreconditionFailed" | "NoSuchKey") => Error::Conflict,
                Some(_) | None => failure(error),
            })?;
        copied
            .copy_object_result()
            .and_then(|copy| copy.checksum_sha256())
            .and_then(Sha256::from_base64)
            .ok_or_else(|| Error::internal("S3 told no SHA-256 of a copy"))
    }
}

fn size_of(head: &HeadObjectOutput) -> Result<u64> {
    let size = head.content_length().and_then(|size| u64::try_from(size).ok());
    size.ok_or_else(|| Error::internal("S3 told no size"))
}

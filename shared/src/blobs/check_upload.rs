//! Verifies an upload and copies it to its permanent object.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumAlgorithm, MetadataDirective};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::s3_error::to_error;
use super::{BlobKey, BlobStore, Sha256};
use crate::error::{Error, Result};

/// The result of verifying an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadCheck {
    /// The upload is as declared, and was copied.
    Stored,
    /// Nothing has been uploaded yet.
    Missing,
    /// The upload was overwritten during the copy, which stored nothing. A new check may succeed.
    Overwritten,
    /// The upload is not as declared, and was removed.
    Mismatch {
        /// The size in bytes.
        size: u64,
        /// The SHA-256; `None` if the size is wrong already.
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
    /// How long S3 may take for the copy, which is tried once.
    pub copy_timeout: Duration,
}

/// The characters to escape in a copy's source, which is written like a path.
const PATH_ESCAPES: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl BlobStore {
    /// Copies `upload` to `to` if it has this size and SHA-256, and otherwise removes it. `to` must
    /// be new for each call: a copy that timed out may still finish, and must not overwrite
    /// anything.
    ///
    /// The upload may still be written through its URL afterwards. The caller must
    /// [remove](BlobStore::remove) it later, and `to` after an error.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if S3 cannot be reached. The copy may exist.
    pub async fn check_upload(
        &self,
        upload: &BlobKey,
        to: &BlobKey,
        declared: DeclaredContent<'_>,
    ) -> Result<UploadCheck> {
        let DeclaredContent { size, sha256, .. } = declared;
        let Some(uploaded) = self.head(upload).await? else { return Ok(UploadCheck::Missing) };
        let other_size = size_of(&uploaded)?;
        if other_size != size {
            self.remove(upload).await?;
            return Ok(UploadCheck::Mismatch { size: other_size, sha256: None });
        }
        let etag = uploaded.e_tag().ok_or_else(|| Error::internal("S3 returned no ETag"))?;
        let Some(copied) = self.copy(upload, etag, to, declared).await? else {
            return Ok(UploadCheck::Overwritten);
        };
        if copied == *sha256 {
            return Ok(UploadCheck::Stored);
        }
        tokio::try_join!(self.remove(upload), self.remove(to))?;
        Ok(UploadCheck::Mismatch { size, sha256: Some(copied) })
    }

    /// Returns whether an object exists.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if S3 cannot be reached.
    pub async fn exists(&self, object: &BlobKey) -> Result<bool> {
        Ok(self.head(object).await?.is_some())
    }

    /// Returns the metadata of an object; `None` if it does not exist.
    async fn head(&self, object: &BlobKey) -> Result<Option<HeadObjectOutput>> {
        let request = self.client.get().head_object().bucket(&self.bucket).key(object.as_str());
        match request.send().await {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(None),
            Err(error) => Err(to_error(error)),
        }
    }

    /// Copies an object with this `ETag`. Returns the SHA-256 that S3 computed of the copy, or `None` if
    /// the object has another `ETag` by now.
    async fn copy(
        &self,
        from: &BlobKey,
        etag: &str,
        to: &BlobKey,
        declared: DeclaredContent<'_>,
    ) -> Result<Option<Sha256>> {
        let DeclaredContent { content_type, copy_timeout, .. } = declared;
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(copy_timeout)
            .operation_timeout(copy_timeout)
            .build();
        let source = format!("{}/{}", self.bucket, from.as_str());
        let request = self
            .client
            .get()
            .copy_object()
            .copy_source(utf8_percent_encode(&source, PATH_ESCAPES).to_string())
            // Anybody with the URL may overwrite the upload at any time.
            .copy_source_if_match(etag)
            .bucket(&self.bucket)
            .key(to.as_str())
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(content_type)
            .customize()
            .config_override(Builder::new().timeout_config(timeouts));
        let copied = match request.send().await {
            Ok(copied) => copied,
            Err(error) => match error.code() {
                Some("PreconditionFailed" | "NoSuchKey") => return Ok(None),
                Some(_) | None => return Err(to_error(error)),
            },
        };
        let sha256 = copied
            .copy_object_result()
            .and_then(|copy| copy.checksum_sha256())
            .and_then(Sha256::from_base64);
        sha256.map(Some).ok_or_else(|| Error::internal("S3 returned no SHA-256 of a copy"))
    }
}

fn size_of(head: &HeadObjectOutput) -> Result<u64> {
    let size = head.content_length().and_then(|size| u64::try_from(size).ok());
    size.ok_or_else(|| Error::internal("S3 returned no size"))
}

//! Stores content that was sent inside a request.

use super::s3_error::to_error;
use super::{BlobKey, BlobStore, Sha256};
use crate::error::Result;

impl BlobStore {
    /// Stores `bytes`, and overwrites an existing object. `content_type` must be visible ASCII and
    /// spaces, because it becomes a header.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if S3 cannot be reached.
    /// * An internal error if the bytes do not have this SHA-256.
    pub async fn put(
        &self,
        object: &BlobKey,
        bytes: Vec<u8>,
        sha256: &Sha256,
        content_type: &str,
    ) -> Result<()> {
        self.client
            .get()
            .put_object()
            .bucket(&self.bucket)
            .key(object.as_str())
            .body(bytes.into())
            .checksum_sha256(sha256.to_base64())
            .content_type(content_type)
            .send()
            .await
            .map_err(to_error)?;
        Ok(())
    }
}

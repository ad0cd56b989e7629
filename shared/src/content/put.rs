//! Keeping a content that came in a request.

use super::failure::failure;
use super::{Contents, Object, Sha256};
use crate::error::Result;

impl Contents {
    /// Keeps `bytes`. S3 refuses them where they don't have that SHA-256, which is a defect of ours.
    /// What is kept there already is overwritten.
    ///
    /// `content_type` is what a header can hold: visible ASCII and spaces.
    pub async fn put(
        &self,
        object: &Object,
        bytes: Vec<u8>,
        sha256: &Sha256,
        content_type: &str,
    ) -> Result<()> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(object.as_str())
            .body(bytes.into())
            .checksum_sha256(sha256.to_base64())
            .content_type(content_type)
            .send()
            .await
            .map_err(failure)?;
        Ok(())
    }
}

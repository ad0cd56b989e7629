//! Creates upload links for content that is too large for a request.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use super::s3_error::to_error;
use super::{BlobKey, BlobStore};
use crate::error::{Error, Result};

/// How long an upload may start. On Lambda, the credentials that sign the URL may expire sooner than a
/// longer time.
pub const UPLOAD_URL_TTL: Duration = Duration::from_secs(60 * 60);

impl BlobStore {
    /// Returns a URL that accepts a `PUT` of the content, as with `curl -T file <URL>`. It needs no
    /// header except `Content-Length`, and S3 accepts exactly `size` bytes, at most
    /// [`MAX_ARTIFACT_BYTES`](crate::artifacts::MAX_ARTIFACT_BYTES).
    ///
    /// The URL works for `lifetime`, at most one hour, because the credentials that sign it on Lambda
    /// may expire then. It may be used repeatedly, and each use overwrites the upload.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the credentials for signing
    ///   cannot be loaded.
    pub async fn upload_url(
        &self,
        object: &BlobKey,
        size: u64,
        lifetime: Duration,
    ) -> Result<String> {
        let size = i64::try_from(size).map_err(Error::internal)?;
        let presigning = PresigningConfig::expires_in(lifetime).map_err(Error::internal)?;
        let request = self.client.get().put_object().bucket(&self.bucket).key(object.as_str());
        let signed = request.content_length(size).presigned(presigning).await.map_err(to_error)?;
        Ok(signed.uri().to_owned())
    }
}

//! Creates upload links for content that is too large for a request.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use super::failure::failure;
use super::{Contents, Object};
use crate::error::{Error, Result};

impl Contents {
    /// Returns a URL that accepts a `PUT` of the content, as with `curl -T file <URL>`. It needs no
    /// header except `Content-Length`, and S3 accepts exactly `size` bytes, at most
    /// [`MOST_BYTES`](super::MOST_BYTES).
    ///
    /// The URL works for `lives`, at most one hour, because the credentials that sign it on Lambda
    /// may expire then. It may be used repeatedly, and each use overwrites the upload.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the credentials for signing
    ///   cannot be loaded.
    pub async fn upload_url(&self, object: &Object, size: u64, lives: Duration) -> Result<String> {
        let size = i64::try_from(size).map_err(Error::internal)?;
        let presigning = PresigningConfig::expires_in(lives).map_err(Error::internal)?;
        let request = self.client.put_object().bucket(&self.bucket).key(object.as_str());
        let signed = request.content_length(size).presigned(presigning).await.map_err(failure)?;
        Ok(signed.uri().to_owned())
    }
}

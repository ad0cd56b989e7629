//! Letting a content up that no request carries.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use super::failure::failure;
use super::{Contents, Object};
use crate::error::{Error, Result};

impl Contents {
    /// A URL to which one `PUT` sends a content, as `curl -T file <URL>` does. It asks for no header but
    /// the `Content-Length` that every client sends by itself, and S3 refuses any but `size` bytes, of
    /// which there are at most [`MOST_BYTES`](super::MOST_BYTES).
    ///
    /// It works for `lives`, an hour or less: on Lambda, what signs it may not be good for longer. It can
    /// be used more than once, and so can what it brought be overwritten until it is settled.
    pub async fn upload_url(&self, object: &Object, size: u64, lives: Duration) -> Result<String> {
        let size = i64::try_from(size).map_err(Error::internal)?;
        let presigning = PresigningConfig::expires_in(lives).map_err(Error::internal)?;
        let request = self.client.put_object().bucket(&self.bucket).key(object.as_str());
        let signed = request.content_length(size).presigned(presigning).await.map_err(failure)?;
        Ok(signed.uri().to_owned())
    }
}

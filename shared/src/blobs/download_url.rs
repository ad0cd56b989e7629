//! Creates download links.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use super::content_disposition::attachment;
use super::s3_error::to_error;
use super::{BlobKey, BlobStore};
use crate::error::{Error, Result};

/// How long a download link works.
pub const DOWNLOAD_URL_TTL: Duration = Duration::from_secs(5 * 60);

impl BlobStore {
    /// Returns a URL that serves the content as an attachment with this name and type, so that no
    /// browser shows it as a page. It does not check that the object exists.
    ///
    /// The URL works for `lifetime`, at most one hour, because the credentials that sign it on Lambda
    /// may expire then.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the credentials for signing
    ///   cannot be loaded.
    pub async fn download_url(
        &self,
        object: &BlobKey,
        file_name: &str,
        content_type: &str,
        lifetime: Duration,
    ) -> Result<String> {
        let presigning = PresigningConfig::expires_in(lifetime).map_err(Error::internal)?;
        let request = self.client.get().get_object().bucket(&self.bucket).key(object.as_str());
        let signed = request
            .response_content_disposition(attachment(file_name))
            .response_content_type(content_type)
            .presigned(presigning)
            .await
            .map_err(to_error)?;
        Ok(signed.uri().to_owned())
    }
}

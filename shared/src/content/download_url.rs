//! Creates download links.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use super::disposition::attachment;
use super::failure::failure;
use super::{Contents, Object};
use crate::error::{Error, Result};

impl Contents {
    /// Returns a URL that serves the content as an attachment with this name and type, so that no
    /// browser shows it as a page. It does not check that the object exists.
    ///
    /// The URL works for `lives`, at most one hour, because the credentials that sign it on Lambda
    /// may expire then.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the credentials for signing
    ///   cannot be loaded.
    pub async fn download_url(
        &self,
        object: &Object,
        file_name: &str,
        content_type: &str,
        lives: Duration,
    ) -> Result<String> {
        let presigning = PresigningConfig::expires_in(lives).map_err(Error::internal)?;
        let request = self.client.get_object().bucket(&self.bucket).key(object.as_str());
        let signed = request
            .response_content_disposition(attachment(file_name))
            .response_content_type(content_type)
            .presigned(presigning)
            .await
            .map_err(failure)?;
        Ok(signed.uri().to_owned())
    }
}

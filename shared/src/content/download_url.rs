//! Handing a content out.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use super::disposition::attachment;
use super::failure::failure;
use super::{Contents, Object};
use crate::error::{Error, Result};

impl Contents {
    /// A URL that gives the content to whoever has it, as an attachment with that name and type: no
    /// browser shows it as a page. Whether there is a content isn't looked at.
    ///
    /// It works for `lives`, an hour or less: on Lambda, what signs it may not be good for longer.
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

//! Removes content.

use super::s3_error::to_error;
use super::{BlobKey, BlobStore};
use crate::error::Result;

impl BlobStore {
    /// Removes an object, if it exists.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if S3 cannot be reached.
    pub async fn remove(&self, object: &BlobKey) -> Result<()> {
        let request = self.client.get().delete_object().bucket(&self.bucket).key(object.as_str());
        request.send().await.map_err(to_error)?;
        Ok(())
    }
}

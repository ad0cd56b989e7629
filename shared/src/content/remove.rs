//! Removes content.

use super::failure::failure;
use super::{Contents, Object};
use crate::error::Result;

impl Contents {
    /// Removes an object, if it exists.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if S3 cannot be reached.
    pub async fn remove(&self, object: &Object) -> Result<()> {
        let request = self.client.delete_object().bucket(&self.bucket).key(object.as_str());
        request.send().await.map_err(failure)?;
        Ok(())
    }
}

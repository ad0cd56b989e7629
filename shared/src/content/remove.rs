//! Removing a content that nobody needs any more.

use super::failure::failure;
use super::{Contents, Object};
use crate::error::Result;

impl Contents {
    /// Removes a content, if it is there.
    pub async fn remove(&self, object: &Object) -> Result<()> {
        let request = self.client.delete_object().bucket(&self.bucket).key(object.as_str());
        request.send().await.map_err(failure)?;
        Ok(())
    }
}

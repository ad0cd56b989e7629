//! Throwing contents away.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::failure::failure;
use super::{Contents, Object};
use crate::error::{Error, Result};

/// Most objects that S3 lists, and removes, in one call.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
const MOST_KEYS: i32 = 1000;

impl Contents {
    /// Removes a content, if it is there.
    pub async fn remove(&self, object: &Object) -> Result<()> {
        let request = self.client.delete_object().bucket(&self.bucket).key(object.as_str());
        request.send().await.map_err(failure)?;
        Ok(())
    }

    /// Removes up to 1000 of the contents under `folder`, which ends with a slash, in two calls. Returns
    /// whether none is left.
    pub async fn remove_all_under(&self, folder: &str) -> Result<bool> {
        // Without the slash it is the beginning of others' folders too, and empty it is everything.
        if !folder.ends_with('/') {
            return Err(Error::internal("a folder of contents has no slash at its end"));
        }
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(folder);
        let listed = request.max_keys(MOST_KEYS).send().await.map_err(failure)?;
        let keys = listed.contents().iter().filter_map(|object| object.key());
        let keys = keys
            .map(|key| ObjectIdentifier::builder().key(key).build())
            .collect::<Result<Vec<_>, _>>()
            .map_err(Error::internal)?;
        if keys.is_empty() {
            return Ok(true);
        }
        let delete = Delete::builder().set_objects(Some(keys)).quiet(true).build();
        let delete = delete.map_err(Error::internal)?;
        let request = self.client.delete_objects().bucket(&self.bucket).delete(delete);
        let removed = request.send().await.map_err(failure)?;
        if let Some(error) = removed.errors().first() {
            let code = error.code().unwrap_or("an error without a code");
            return Err(Error::Unavailable(format!("S3 answered {code} for an object").into()));
        }
        Ok(!listed.is_truncated().unwrap_or_default())
    }
}

//! Names of objects in the bucket.

use serde::{Deserialize, Serialize};

use crate::ids::OrganizationId;
use crate::random::Random;

/// The prefix of uploads that are not completed. The bucket's lifecycle rule in `template.yaml`
/// removes them after a week.
pub const UPLOAD_PREFIX: &str = "uploads/";

/// The key of an object in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobKey(String);

impl BlobKey {
    /// Generates a key for an upload.
    pub fn for_upload(random: &dyn Random) -> Self {
        Self::with_prefix(UPLOAD_PREFIX, random)
    }

    /// Generates a key for permanent content of an organization.
    pub fn for_organization(organization_id: &OrganizationId, random: &dyn Random) -> Self {
        Self::with_prefix(&format!("{organization_id}/"), random)
    }

    /// Generates a unique key. `folder` ends with a slash.
    fn with_prefix(prefix: &str, random: &dyn Random) -> Self {
        Self(format!("{prefix}{}", random.identifier()))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

//! Names of objects in the bucket.

use serde::{Deserialize, Serialize};

use crate::ids::OrganizationId;
use crate::random::Random;

/// The prefix of uploads that are not completed. The bucket's lifecycle rule in `template.yaml`
/// removes them after a week.
pub const UPLOADS: &str = "uploads/";

/// The key of an object in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(String);

impl Object {
    /// Generates a key for an upload.
    pub fn upload(random: &dyn Random) -> Self {
        Self::under(UPLOADS, random)
    }

    /// Generates a key for permanent content of an organization.
    pub fn of_client(client: &OrganizationId, random: &dyn Random) -> Self {
        Self::under(&format!("{client}/"), random)
    }

    /// Generates a unique key. `folder` ends with a slash.
    fn under(folder: &str, random: &dyn Random) -> Self {
        Self(format!("{folder}{}", random.identifier()))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

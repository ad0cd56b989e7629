//! Where a content is.

use serde::{Deserialize, Serialize};

use crate::ids::OrganizationId;
use crate::random::Random;

/// What the keys of uploads that nobody has settled start with. The bucket's lifecycle in
/// `template.yaml` removes them after a week, whatever else happens.
pub const UPLOADS: &str = "uploads/";

/// A content in the bucket, by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(String);

impl Object {
    /// A new place for an upload.
    pub fn upload(random: &dyn Random) -> Self {
        Self::under(UPLOADS, random)
    }

    /// A new place for a content of that organization.
    pub fn of_client(client: &OrganizationId, random: &dyn Random) -> Self {
        Self::under(&format!("{client}/"), random)
    }

    /// A new place that no other content has or had. `folder` ends with a slash.
    fn under(folder: &str, random: &dyn Random) -> Self {
        Self(format!("{folder}{}", random.identifier()))
    }

    /// Its key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

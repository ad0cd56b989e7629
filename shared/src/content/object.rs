//! Where a content is.

use serde::{Deserialize, Serialize};

use crate::ids::ClientId;
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

    /// A new place that no other content has or had. `folder` ends with a slash, and is what
    /// [`Contents::remove_all_under`](super::Contents::remove_all_under) empties.
    pub fn under(folder: &str, random: &dyn Random) -> Self {
        debug_assert!(folder.ends_with('/'));
        Self(format!("{folder}{}", random.identifier()))
    }

    /// A new place for a content of that organization.
    pub fn of_client(client: &ClientId, random: &dyn Random) -> Self {
        Self::under(&Self::folder_of(client), random)
    }

    /// Where all contents of that organization are.
    pub fn folder_of(client: &ClientId) -> String {
        format!("{client}/")
    }

    /// Its key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

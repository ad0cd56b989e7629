//! Keys of the deletion of organizations.

use crate::clock::Timestamp;
use crate::ids::OrganizationId;
use dynamo::Key;

/// The partition of deleted organizations, in the order of the time at which they are due.
pub const ORGANIZATION_DELETIONS: &str = "CLIENT-DELETION";

/// The deletion of an organization, due at a time.
pub fn organization_deletion(due_at: Timestamp, organization: &OrganizationId) -> Key {
    Key::new(ORGANIZATION_DELETIONS.to_owned(), format!("{due_at:0>12}#{organization}"))
}

//! The time within which a deleted account can be restored.

use std::time::Duration;

use crate::accounts::User;
use crate::clock::Timestamp;

/// Time within which a deleted account can be restored.
pub const DELETION_GRACE_PERIOD: Duration = Duration::from_secs(14 * 24 * 60 * 60);

impl User {
    /// Returns whether the account can no longer be restored. It then behaves as if it were erased already, except
    /// that it still keeps its address.
    pub(crate) fn is_past_grace_period(&self, now: Timestamp) -> bool {
        self.deletion.as_ref().is_some_and(|deletion| deletion.erasing || now >= deletion.due_at)
    }
}

//! Ends and resumes debits with the deletion and restoration of an organization.

use super::balance::Balance;
use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Condition, Record, Tx, Update};
use crate::error::Result;

impl Balance {
    /// Ends debits, in `tx`. A running debit is committed before the transaction or refused.
    ///
    /// # Errors
    /// `Internal` if the update cannot be encoded.
    pub fn close(&self, tx: &mut Tx<'_>, at: Timestamp) -> Result<()> {
        let update = Update::new(self.key()).set("closed_at", at)?.only_if(Condition::Exists);
        tx.update(update, AttemptError::Conflict)
    }

    /// Allows debits again, in `tx`.
    ///
    /// # Errors
    /// `Internal` if the update cannot be encoded.
    pub fn reopen(&self, tx: &mut Tx<'_>) -> Result<()> {
        let update = Update::new(self.key()).remove("closed_at").only_if(Condition::Exists);
        tx.update(update, AttemptError::Conflict)
    }
}

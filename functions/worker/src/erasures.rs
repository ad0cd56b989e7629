//! Erasing the accounts that are due.

use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{Outcome, due, erase};
use shared::error::{Error, Result};

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

impl Worker {
    /// Erases the accounts that are due. One that fails holds up no other, and is the error at the end;
    /// those for which there is no time are left for the next run.
    pub(crate) async fn erase_due(&self) -> Result<()> {
        let due = due(&self.ctx).await?;
        let waiting = due.items.len();
        let results = in_time(due.items, BEGIN_WITHIN, |account| self.erase(account)).await;
        let left = waiting - results.len();
        let (mut erased, mut not_due, mut errors) = (0, 0, Vec::new());
        for result in results {
            match result {
                Ok(Outcome::Erased) => erased += 1,
                Ok(Outcome::NotDue) => not_due += 1,
                Err(error) => errors.push(error),
            }
        }
        let (failed, more) = (errors.len(), due.more);
        tracing::info!(erased, not_due, failed, left, more, "accounts that were due");
        errors.pop().map_or(Ok(()), Err)
    }

    async fn erase(&self, account: Erasure) -> Result<Outcome, Error> {
        let result = erase(&self.ctx, &account).await;
        if let Err(error) = &result {
            // An id says nothing of a person.
            tracing::error!(cause = ?error, user = %account.user_id, "an account was not erased");
        }
        result
    }
}

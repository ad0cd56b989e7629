//! Erasing the accounts that are due.

use std::time::Duration;

use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account, list_due_erasures};
use shared::error::{Error, Result};

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

/// How long one account may take, so that it doesn't keep the others waiting for ever. What is erased by
/// then is erased, and the next run goes on.
const PATIENCE: Duration = Duration::from_secs(15);

impl Worker {
    /// Erases the accounts that are due. One that fails holds up no other, and is the error at the end;
    /// those for which there is no time are left for the next run.
    pub(crate) async fn erase_due(&self) -> Result<()> {
        let due = list_due_erasures(&self.ctx).await?;
        let waiting = due.items.len();
        let results = in_time(due.items, BEGIN_WITHIN, |account| self.erase(account)).await;
        let left = waiting - results.len();
        let (mut erased, mut not_due, mut errors) = (0, 0, Vec::new());
        for result in results {
            match result {
                Ok(ErasureOutcome::Erased) => erased += 1,
                Ok(ErasureOutcome::NotDue) => not_due += 1,
                Err(error) => errors.push(error),
            }
        }
        let (failed, more) = (errors.len(), due.more);
        tracing::info!(erased, not_due, failed, left, more, "accounts that were due");
        errors.pop().map_or(Ok(()), Err)
    }

    async fn erase(&self, account: Erasure) -> Result<ErasureOutcome, Error> {
        let erasing = tokio::time::timeout(PATIENCE, erase_account(&self.ctx, &self.ways.stripe, &account));
        let late = || Error::Unavailable("erasing an account took too long".into());
        let result = erasing.await.unwrap_or_else(|_| Err(late()));
        if let Err(error) = &result {
            // An id says nothing of a person.
            tracing::error!(cause = ?error, user = %account.user_id, "an account was not erased");
        }
        result
    }
}

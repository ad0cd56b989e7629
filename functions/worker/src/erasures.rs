//! Erasure of accounts whose deletion is due.

use std::time::Duration;

use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{Outcome, due, erase};
use shared::error::{Error, Result};

use crate::Worker;
use crate::concurrent::{START_TIMEOUT, run_within};

/// Longest duration of one erasure, so that it does not hold up the others. The next run continues it.
const ERASURE_TIMEOUT: Duration = Duration::from_secs(15);

impl Worker {
    /// Erases the accounts that are due. The next run erases those for which there is no time.
    ///
    /// # Errors
    /// The last error of an account. An account that fails does not stop the others.
    pub(crate) async fn erase_due_accounts(&self) -> Result<()> {
        let due = due(&self.ctx).await?;
        let total = due.items.len();
        let results = run_within(due.items, START_TIMEOUT, |account| self.erase(account)).await;
        let left = total - results.len();
        let (mut erased, mut not_due, mut errors) = (0, 0, Vec::new());
        for result in results {
            match result {
                Ok(Outcome::Erased) => erased += 1,
                Ok(Outcome::NotDue) => not_due += 1,
                Err(error) => errors.push(error),
            }
        }
        let (failed, more) = (errors.len(), due.more);
        tracing::info!(erased, not_due, failed, left, more, "due accounts erased");
        errors.pop().map_or(Ok(()), Err)
    }

    async fn erase(&self, account: Erasure) -> Result<Outcome> {
        let erasing = erase(&self.ctx, &self.clients.stripe, &account);
        let late = || Error::Unavailable("the erasure of an account timed out".into());
        let result = tokio::time::timeout(ERASURE_TIMEOUT, erasing).await;
        let result = result.unwrap_or_else(|_| Err(late()));
        if let Err(error) = &result {
            // A user id is not personal data.
            tracing::error!(cause = ?error, user = %account.user_id, "an account was not erased");
        }
        result
    }
}

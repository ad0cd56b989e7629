//! Erasing the accounts that are due.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{Outcome, due, erase};
use shared::error::{Error, Result};

use crate::Worker;

/// Accounts that are erased side by side.
const AT_ONCE: usize = 8;

/// No erasure begins later than this: the function's `Timeout` in `template.yaml` is 60 seconds, and
/// what begins is to be finished. What isn't is made up for by the next run.
const BEGIN_WITHIN: Duration = Duration::from_secs(40);

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

/// Works on [`AT_ONCE`] things at a time until all are done, and begins with none after `within`; what
/// has begun by then is finished.
async fn in_time<T, R, F>(things: Vec<T>, within: Duration, work: impl FnMut(T) -> F) -> Vec<R>
where
    F: Future<Output = R>,
{
    let begun = stream::iter(things).take_until(tokio::time::sleep(within));
    begun.map(work).buffer_unordered(AT_ONCE).collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_begun_in_time_is_finished_and_the_rest_is_left() {
        let slow = async |number: usize| {
            tokio::time::sleep(Duration::from_millis(60)).await;
            number
        };
        let things: Vec<_> = (0..AT_ONCE * 4).collect();
        let done = in_time(things.clone(), Duration::from_millis(30), slow).await;
        assert_eq!(done.len(), AT_ONCE);
        assert_eq!(in_time(things, Duration::from_secs(60), slow).await.len(), AT_ONCE * 4);
    }
}

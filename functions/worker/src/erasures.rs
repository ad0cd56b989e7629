//! Erasure of accounts whose deletion is due.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use shared::accounts::deletion::Erasure;
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account, list_due_erasures};
use shared::dynamo::{Chunk, Key, Record};
use shared::error::Result;
use shared::jobs::{Job, JobRecord, Progress, complete_step, continue_as};

use crate::Worker;
use crate::backlog::report_backlog;
use crate::concurrent::{START_TIMEOUT, run_in_time, run_within};

/// Longest duration of one erasure, so that it does not hold up the others. The next run continues it.
/// A step of a job has 15 seconds.
const ERASURE_TIMEOUT: Duration = Duration::from_secs(12);

/// Number of due erasures that the daily run reads.
const ERASURES_PER_RUN: usize = 1_000;

/// Number of erasures in a step of the job that continues the daily run, all at the same time.
const ERASURES_PER_STEP: usize = 8;

/// The age from which a due erasure is overdue: the daily run and its job have failed to erase it.
const OVERDUE_AGE: Duration = Duration::from_secs(36 * 60 * 60);

impl Worker {
    /// Erases the accounts that are due. A job erases those for which the run has no time, in steps until
    /// none is left.
    ///
    /// # Errors
    /// The last error of an account. An account that fails does not stop the others, and the next day's
    /// run tries it again.
    pub(crate) async fn erase_due_accounts(&self) -> Result<()> {
        let due = list_due_erasures(&self.ctx, None, ERASURES_PER_RUN).await?;
        let overdue = self.ctx.now().minus(OVERDUE_AGE);
        report_backlog("erasures", due.items.iter().filter(|due| due.due_at < overdue).count());
        let keys: Vec<_> = due.items.iter().map(Record::key).collect();
        let results = run_within(due.items, START_TIMEOUT, |account| self.erase(account)).await;
        let left = keys.len() - results.len();
        if left > 0 || due.more {
            let started = results.len().checked_sub(1);
            self.continue_erasing(started.map(|last| &keys[last])).await?;
        }
        let (mut erased, mut not_due, mut errors) = (0, 0, Vec::new());
        for result in results {
            match result {
                Ok(ErasureOutcome::Erased) => erased += 1,
                Ok(ErasureOutcome::NotDue) => not_due += 1,
                Err(error) => errors.push(error),
            }
        }
        let (failed, more) = (errors.len(), due.more);
        tracing::info!(erased, not_due, failed, left, more, "due accounts erased");
        errors.pop().map_or(Ok(()), Err)
    }

    /// Enqueues the job that erases the accounts behind a key. A job of an earlier run starts over.
    async fn continue_erasing(&self, after: Option<&Key>) -> Result<()> {
        let job =
            Job::EraseAccounts { after: after.map_or_else(String::new, |key| key.sk.clone()) };
        self.continue_run(&job, "the log of an account is erased with it").await
    }

    /// Runs a step of the job that continues the daily run. An account that fails is left to the next day's
    /// run, so that it does not hold up the others.
    ///
    /// # Errors
    /// `Unavailable` if the list or the progress cannot be read or stored.
    pub(crate) async fn run_erasure_step(&self, record: &JobRecord, after: &str) -> Result<()> {
        let after = Some(after).filter(|after| !after.is_empty());
        let Chunk { items, more } = list_due_erasures(&self.ctx, after, ERASURES_PER_STEP).await?;
        let last = items.last().map(Record::key);
        join_all(items.into_iter().map(|account| self.erase(account).boxed())).await;
        match last.filter(|_| more) {
            Some(last) => {
                continue_as(&self.ctx, record, &Job::EraseAccounts { after: last.sk }).await
            }
            None => complete_step(&self.ctx, record, Progress::Done).await,
        }
    }

    async fn erase(&self, account: Erasure) -> Result<ErasureOutcome> {
        // The compiler gives up on the types of a future that is nested this deep in others.
        let erasing = erase_account(&self.ctx, &self.clients.stripe, &account).boxed();
        let result = run_in_time(ERASURE_TIMEOUT, "the erasure of an account", erasing).await;
        if let Err(error) = &result {
            // A user id is not personal data.
            tracing::error!(cause = ?error, user = %account.user_id, "an account was not erased");
        }
        result
    }
}

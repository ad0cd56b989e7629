//! Deleted organizations that can no longer be restored.

use std::slice::from_ref;

use shared::dynamo::Record;
use shared::error::{Error, Result};
use shared::organizations::scheduled_deletion::{begin_sweep, list_due_deletions};
use shared::schedule_cursor::{ScheduledList, load_cursor, store_cursor};

use crate::Worker;
use crate::backlog::report_backlog;
use crate::concurrent::{START_TIMEOUT, run_within};

/// Number of due deletions that the hourly run reads.
const DELETIONS_PER_RUN: usize = 1_000;

impl Worker {
    /// Begins to sweep the organizations whose deletion is due, beginning where the previous run stopped. A
    /// job sweeps each of them.
    ///
    /// # Errors
    /// The last error of an organization. One that fails does not stop the others.
    pub(crate) async fn sweep_due_organizations(&self) -> Result<()> {
        let ctx = &self.ctx;
        let after = load_cursor(ctx, ScheduledList::Deletions).await?;
        let due = list_due_deletions(ctx, after.first(), DELETIONS_PER_RUN).await?;
        let keys: Vec<_> = due.items.iter().map(Record::key).collect();
        let begin = async |deletion| begin_sweep(ctx, &deletion).await;
        let results = run_within(due.items, START_TIMEOUT, begin).await;
        let left = keys.len() - results.len();
        let is_end = left == 0 && !due.more;
        let last = keys[..results.len()].last().filter(|_| !is_end);
        if last.is_some() || !after.is_empty() {
            store_cursor(ctx, ScheduledList::Deletions, last.map_or(&[], from_ref)).await?;
        }
        report_backlog("deletions", left + usize::from(due.more));
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        if !keys.is_empty() {
            tracing::info!(
                total = keys.len(),
                failed = errors.len(),
                left,
                "deleted organizations"
            );
        }
        errors.pop().map_or(Ok(()), Err)
    }
}

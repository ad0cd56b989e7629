//! Lists the jobs that a scheduled run resumes.

use serde::{Deserialize, Serialize};

use super::JobRecord;
use crate::context::Context;
use crate::dynamo::{Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::schedule_cursor::{ScheduledList, load_cursor, store_cursor};

/// Maximum number of jobs that one scheduled run reads.
const MAX_JOBS_PER_RUN: usize = 1_000;

/// A stored job of any kind, including kinds that only another version of the service knows.
#[derive(Serialize, Deserialize)]
struct RawJobRecord {
    sk: String,
    job: serde_json::Value,
    parts: u32,
}

impl Record for RawJobRecord {
    fn key(&self) -> Key {
        Key { pk: keys::JOBS.to_owned(), sk: self.sk.clone() }
    }
}

/// The jobs of one scheduled run, in the order of their names.
#[derive(Clone, Debug)]
pub struct PendingJobs {
    /// The jobs to resume.
    pub jobs: Vec<JobRecord>,
    /// Whether there are further jobs behind these.
    pub more: bool,
    /// The key of the last row that was read, if any.
    last: Option<Key>,
}

/// Lists the stored jobs behind those of the previous run, at most as many as one run can resume. A job
/// that cannot be parsed is skipped and logged.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn list_pending(ctx: &Context) -> Result<PendingJobs> {
    let range = Range { pk: keys::JOBS, sort_keys: SortKeyCondition::All };
    let after = load_cursor(ctx, ScheduledList::Jobs).await?;
    let found = ctx
        .table
        .query_first_after::<RawJobRecord>(&range, after.as_ref(), MAX_JOBS_PER_RUN)
        .await?;
    let last = found.items.last().map(Record::key);
    let read = |record: RawJobRecord| match serde_json::from_value(record.job) {
        Ok(job) => Some(JobRecord { job, parts: record.parts }),
        Err(error) => {
            tracing::error!(cause = ?error, job = record.sk, "cannot parse a job");
            None
        }
    };
    let jobs = found.items.into_iter().filter_map(read).collect();
    Ok(PendingJobs { jobs, more: found.more, last })
}

impl PendingJobs {
    /// Returns the key of the last row that is done once the first `started` jobs were resumed. `None`
    /// if that is the end of the list, so that the next run starts at the beginning.
    pub fn cursor_after(&self, started: usize) -> Option<Key> {
        if started < self.jobs.len() {
            return started.checked_sub(1).map(|index| self.jobs[index].key());
        }
        self.last.clone().filter(|_| self.more)
    }
}

/// Stores where the next scheduled run continues.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be written.
pub async fn store_jobs_cursor(ctx: &Context, cursor: Option<&Key>) -> Result<()> {
    store_cursor(ctx, ScheduledList::Jobs, cursor).await
}

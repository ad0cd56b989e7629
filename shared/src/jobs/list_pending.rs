//! Lists the jobs that a scheduled run resumes.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::JobRecord;
use crate::context::Context;
use crate::dynamo::{Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::schedule_cursor::{ScheduledList, load_cursor, store_cursor};

/// Maximum number of jobs that one scheduled run reads of each shard, so about a thousand of all.
const MAX_JOBS_PER_SHARD: usize = 63;

/// A stored job of any kind, including kinds that only another version of the service knows.
#[derive(Serialize, Deserialize)]
struct RawJobRecord {
    sk: String,
    job: serde_json::Value,
    parts: u32,
    request_id: Option<String>,
}

impl Record for RawJobRecord {
    fn key(&self) -> Key {
        keys::job(&self.sk)
    }
}

/// The jobs of one scheduled run.
#[derive(Clone, Debug)]
pub struct PendingJobs {
    /// The jobs to resume: the first of each shard, then the second of each, and so on. So a run that ends early has
    /// resumed some of every shard.
    pub jobs: Vec<JobRecord>,
    /// Whether a shard has further jobs behind these.
    pub more: bool,
    shards: Vec<Shard>,
}

/// What a run has read of one shard.
#[derive(Clone, Debug)]
struct Shard {
    pk: String,
    /// The key behind which the run began, if not at the beginning.
    begin: Option<Key>,
    /// The key of the last row that was read, if the shard has further rows.
    end: Option<Key>,
}

/// Lists the stored jobs behind those of the previous run, at most as many as one run can resume. Every shard has
/// the same share. A job that cannot be parsed is skipped and logged.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn list_pending(ctx: &Context) -> Result<PendingJobs> {
    let cursor = load_cursor(ctx, ScheduledList::Jobs).await?;
    let shards = keys::shard_partitions(keys::JOBS).map(async |pk| {
        let begin = cursor.iter().find(|after| after.pk == pk).cloned();
        list_shard(ctx, pk, begin).await
    });
    let (shards, jobs): (Vec<_>, Vec<_>) = try_join_all(shards).await?.into_iter().unzip();
    let mut jobs: Vec<_> = jobs.into_iter().flat_map(|jobs| jobs.into_iter().enumerate()).collect();
    jobs.sort_by_key(|(turn, _)| *turn);
    Ok(PendingJobs {
        jobs: jobs.into_iter().map(|(_, job)| job).collect(),
        more: shards.iter().any(|shard| shard.end.is_some()),
        shards,
    })
}

async fn list_shard(
    ctx: &Context,
    pk: String,
    begin: Option<Key>,
) -> Result<(Shard, Vec<JobRecord>)> {
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::All };
    let found = ctx
        .table
        .query_first_after::<RawJobRecord>(&range, begin.as_ref(), MAX_JOBS_PER_SHARD)
        .await?;
    let end = found.items.last().map(Record::key).filter(|_| found.more);
    let read = |record: RawJobRecord| match serde_json::from_value(record.job) {
        Ok(job) => Some(JobRecord { job, parts: record.parts, request_id: record.request_id }),
        Err(error) => {
            tracing::error!(cause = ?error, job = record.sk, "cannot parse a job");
            None
        }
    };
    let jobs = found.items.into_iter().filter_map(read).collect();
    Ok((Shard { pk, begin, end }, jobs))
}

impl PendingJobs {
    /// Returns the key of each shard behind which the next run continues once the first `started` jobs were resumed.
    /// A shard that was read to its end has none, so that the next run starts at its beginning.
    pub fn cursor_after(&self, started: usize) -> Vec<Key> {
        let (started, left) = self.jobs.split_at(started.min(self.jobs.len()));
        let left: BTreeSet<_> = left.iter().map(|job| job.key().pk).collect();
        // Of several jobs of a shard, the last one stays.
        let last: BTreeMap<_, _> = started.iter().map(|job| (job.key().pk, job.key())).collect();
        let after = |shard: &Shard| {
            if left.contains(&shard.pk) {
                last.get(&shard.pk).or(shard.begin.as_ref()).cloned()
            } else {
                shard.end.clone()
            }
        };
        self.shards.iter().filter_map(after).collect()
    }
}

/// Stores where the next scheduled run continues.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be written.
pub async fn store_jobs_cursor(ctx: &Context, cursor: &[Key]) -> Result<()> {
    store_cursor(ctx, ScheduledList::Jobs, cursor).await
}

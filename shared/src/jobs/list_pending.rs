//! Lists the jobs that a scheduled run resumes.

use serde::{Deserialize, Serialize};

use super::JobRecord;
use crate::context::Context;
use crate::dynamo::{Chunk, Key, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;

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

/// Lists the stored jobs, at most as many as one run can resume. A job that cannot be parsed is skipped
/// and logged.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn list_pending(ctx: &Context) -> Result<Chunk<JobRecord>> {
    let range = Range { pk: keys::JOBS, sort_keys: SortKeyCondition::All };
    let found = ctx.table.query_first::<RawJobRecord>(&range, MAX_JOBS_PER_RUN).await?;
    let read = |record: RawJobRecord| match serde_json::from_value(record.job) {
        Ok(job) => Some(JobRecord { job, parts: record.parts }),
        Err(error) => {
            tracing::error!(cause = ?error, job = record.sk, "cannot parse a job");
            None
        }
    };
    Ok(Chunk { items: found.items.into_iter().filter_map(read).collect(), more: found.more })
}

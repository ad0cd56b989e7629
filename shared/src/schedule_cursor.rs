//! Where a scheduled run continues a list that one run cannot finish.
//!
//! Without a cursor each run would start with the first items again, and items that fail or take long would
//! hide the others for ever.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, retry_conflicts};
use crate::error::Result;
use crate::keys;

/// The list of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduledList {
    /// Jobs that stopped or wait for a time, which the hourly schedule resumes.
    Jobs,
    /// The ledgers that changed.
    Ledgers,
    /// The deleted organizations that are due.
    Deletions,
}

impl ScheduledList {
    /// Returns the name in the cursor's key and in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Ledgers => "ledgers",
            Self::Deletions => "deletions",
        }
    }
}

/// The item that stores where a schedule stopped.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ScheduleCursor {
    list: String,
    /// The sort key of the last item that a run has worked on, by partition.
    after: BTreeMap<String, String>,
}

impl Record for ScheduleCursor {
    fn key(&self) -> Key {
        keys::schedule_cursor(&self.list)
    }
}

/// Returns the keys behind which the next run continues, one of each partition in which it does not start at the
/// beginning.
///
/// # Errors
/// [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn load_cursor(ctx: &Context, list: ScheduledList) -> Result<Vec<Key>> {
    let cursor: Option<ScheduleCursor> = ctx.table.get(&keys::schedule_cursor(list.name())).await?;
    let after = cursor.map(|cursor| cursor.after).unwrap_or_default();
    Ok(after.into_iter().map(|(pk, sk)| Key::new(pk, sk)).collect())
}

/// Stores the keys behind which the next run continues, at most one of each partition. Without any it starts at
/// the beginning.
///
/// # Errors
/// [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be written.
pub async fn store_cursor(ctx: &Context, list: ScheduledList, after: &[Key]) -> Result<()> {
    if after.is_empty() {
        let key = keys::schedule_cursor(list.name());
        return retry_conflicts(ctx, || ctx.table.delete(&key)).await;
    }
    let after = after.iter().map(|key| (key.pk.clone(), key.sk.clone())).collect();
    let cursor = ScheduleCursor { list: list.name().to_owned(), after };
    // Two runs at once may store one after the other. The later cursor only repeats or skips items of
    // one round.
    let any = Condition::Any(vec![Condition::Absent, Condition::Exists]);
    retry_conflicts(ctx, || ctx.table.put(&cursor, any.clone())).await.map(|_| ())
}

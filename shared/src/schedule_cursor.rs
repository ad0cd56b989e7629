//! Where a scheduled run continues a list that one run cannot finish.
//!
//! Without a cursor each run would start with the first items again, and items that fail or take long would
//! hide the others for ever.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, retry_conflicts};
use crate::error::Result;
use crate::keys;

/// The list of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduledList {
    /// The pending jobs.
    Jobs,
    /// The ledgers that changed.
    Ledgers,
}

impl ScheduledList {
    /// Returns the name in the cursor's key and in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Ledgers => "ledgers",
        }
    }
}

/// A stored cursor: the key of the last item that a run has worked on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ScheduleCursor {
    list: String,
    partition: String,
    after: String,
}

impl Record for ScheduleCursor {
    fn key(&self) -> Key {
        keys::schedule_cursor(&self.list)
    }
}

/// Returns the key behind which the next run continues, or `None` if it starts at the beginning.
///
/// # Errors
/// [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn load_cursor(ctx: &Context, list: ScheduledList) -> Result<Option<Key>> {
    let cursor: Option<ScheduleCursor> = ctx.table.get(&keys::schedule_cursor(list.name())).await?;
    Ok(cursor.map(|cursor| Key::new(cursor.partition, cursor.after)))
}

/// Stores the key behind which the next run continues. With `None` it starts at the beginning.
///
/// # Errors
/// [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be written.
pub async fn store_cursor(ctx: &Context, list: ScheduledList, after: Option<&Key>) -> Result<()> {
    let Some(after) = after else {
        let key = keys::schedule_cursor(list.name());
        return retry_conflicts(ctx, || ctx.table.delete(&key)).await;
    };
    let cursor = ScheduleCursor {
        list: list.name().to_owned(),
        partition: after.pk.clone(),
        after: after.sk.clone(),
    };
    // Two runs at once may store one after the other. The later cursor only repeats or skips items of
    // one round.
    let any = Condition::Any(vec![Condition::Absent, Condition::Exists]);
    retry_conflicts(ctx, || ctx.table.put(&cursor, any.clone())).await.map(|_| ())
}

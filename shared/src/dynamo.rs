//! The table as this crate uses it: the crate `dynamo` with this crate's error type.
//!
//! All access to the table goes through this module. The key formats are in [`crate::keys`].

pub use ::dynamo::{
    AuditEntry, BatchResult, Chunk, Condition, DEFAULT_PAGE_SIZE, Environment, Key, ListQuery,
    MAX_PAGE_SIZE, Page, PageRequest, Range, Record, RetryLimits, SortKeyCondition, StartedPage,
    Timeline, TimelineExtent, Update, meter, open_cursor, query, retry_conflicts, retry_from,
    retry_from_within, seal_cursor,
};

use crate::error::Error;

/// The error of an attempt, which [`retry_conflicts`] repeats after a conflict.
///
/// An operation's [`Error`] is not made from it, so a write without a retry does not compile:
///
/// ```compile_fail,E0277
/// use shared::activity::Log;
/// use shared::context::Context;
/// use shared::error::Result;
///
/// async fn forgets_to_retry(ctx: &Context) -> Result<()> {
///     ctx.table.transaction().commit(Log::Nothing("an example")).await?;
///     Ok(())
/// }
/// ```
///
/// ```
/// use shared::activity::Log;
/// use shared::context::Context;
/// use shared::dynamo::retry_conflicts;
/// use shared::error::Result;
///
/// async fn retries(ctx: &Context) -> Result<()> {
///     retry_conflicts(ctx, || ctx.table.transaction().commit(Log::Nothing("an example"))).await
/// }
/// ```
pub type AttemptError = ::dynamo::AttemptError<Error>;

/// The result of an attempt.
pub type Attempt<T> = std::result::Result<T, AttemptError>;

impl From<Error> for AttemptError {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

/// The table, whose operations fail with the errors of this crate.
pub type Table = ::dynamo::Table<Error>;

/// A transaction on the table.
pub type Tx<'t> = ::dynamo::Tx<'t, Error>;

//! The table as this crate uses it: the crate `dynamo` with this crate's error type.
//!
//! All access to the table goes through this module. The key formats are in [`crate::keys`].

pub use ::dynamo::{
    AuditEntry, BatchResult, Chunk, Condition, DEFAULT_PAGE_SIZE, Environment, Key, ListQuery,
    MAX_PAGE_SIZE, Page, PageRequest, Range, Record, SortKeyCondition, StartedPage, Timeline,
    TimelineExtent, Update, meter, open_cursor, query, retry_conflicts, retry_from, seal_cursor,
};

use crate::error::Error;

/// The table.
pub type Table = ::dynamo::Table<Error>;

/// A transaction on the table.
pub type Tx<'t> = ::dynamo::Tx<'t, Error>;

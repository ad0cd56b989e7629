//! Access to one DynamoDB table with the keys `pk` and `sk`, and no index.
//!
//! This crate knows no feature of the application. What it needs from the application comes in through
//! three small traits: [`Record`] (a type stored as one item), [`AuditEntry`] (the record that a
//! transaction writes to the activity log) and [`Environment`] (the table, randomness and the cipher
//! for cursors). Failures arrive as the application's own error type, which is made from [`Error`].

mod attempt_error;
mod audit;
mod boxed_send;
mod cursor;
mod environment;
mod error;
mod expression;
mod item;
mod key;
mod list_query;
pub mod meter;
mod page;
mod page_builder;
mod partition;
mod range;
mod retry;
mod sdk_error;
mod table;
mod timeline;
mod transaction;

pub use attempt_error::AttemptError;
pub use audit::{AuditEntry, Log};
pub use cursor::{open_cursor, seal_cursor};
pub use environment::{CursorCipher, Environment};
pub use error::{BoxError, Error};
pub use expression::{Comparison, Condition, Update, Value};
pub use item::Record;
pub use key::Key;
pub use list_query::{ListQuery, query};
pub use page::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, Page, PageRequest};
pub use partition::Chunk;
pub use range::{Range, SortKeyCondition};
pub use retry::{RetryLimits, retry_conflicts, retry_from, retry_from_within};
pub use sdk_error::describe_failure;
pub use table::{BatchResult, Table};
pub use timeline::{StartedPage, Timeline, TimelineExtent};
pub use transaction::Tx;

//! The only code that talks to DynamoDB: one table, `pk`/`sk`, no index.

mod expression;
mod failure;
mod filling;
mod item;
pub mod keys;
pub mod meter;
pub mod page;
pub mod partition;
mod range;
mod retry;
mod table;
pub mod timeline;
mod tx;

pub use expression::{Comparison, Condition, Update, Value};
pub use item::Record;
pub use keys::Key;
pub use range::{Range, Which};
pub use retry::{retry_conflicts, retry_from};
pub use table::{Found, Table};
pub use tx::{Log, Tx};

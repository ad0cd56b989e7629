//! The activity-log entries that a transaction writes together with its changes.

use crate::item::Record;

/// An entry of the application's activity log, stored as one item.
pub trait AuditEntry: Record {}

/// The activity-log entries of a transaction, or the reason why it has none.
pub enum Log<A> {
    /// The entries to write.
    Entries(Vec<A>),
    /// No entry, for the given reason.
    Nothing(&'static str),
}

impl<A: AuditEntry> From<A> for Log<A> {
    fn from(entry: A) -> Self {
        Self::Entries(vec![entry])
    }
}

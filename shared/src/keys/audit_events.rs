//! Keys of the activity logs.

use dynamo::Key;

use crate::clock::Timestamp;
use crate::ids::EventId;

/// The partition-key prefix of events in users' own logs. A stream filter in `template.yaml` names it.
pub const USER_AUDIT_EVENTS: &str = "ACTIVITY#USER#";
/// A sort key below every audit event of a partition.
pub const AUDIT_EVENTS_BEGIN: &str = "0";
/// A sort key above every audit event.
pub const AUDIT_EVENTS_END: &str = "~";

/// The partition of one scope's audit events in one month.
pub fn audit_event_partition(scope: &str, month: &str) -> String {
    format!("ACTIVITY#{scope}#{month}")
}

/// An audit event. `sequence` orders the events of one second; events from before it was introduced have none, and
/// sort after the others of their second.
pub fn audit_event(scope: &str, at: Timestamp, sequence: u32, event: &EventId) -> Key {
    let pk = audit_event_partition(scope, &at.month());
    Key::new(pk, format!("{}#{sequence:0>6}#{event}", audit_event_prefix(at)))
}

/// The sort-key prefix of the audit events of one second. Lesser keys are earlier.
pub fn audit_event_prefix(at: Timestamp) -> String {
    format!("{at:0>12}")
}

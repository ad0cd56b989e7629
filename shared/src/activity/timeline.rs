//! Builds the queries that the logs of users and organizations share.

use std::time::Duration;

use super::{ActivityFilter, AuditScope};
use crate::clock::Timestamp;
use crate::dynamo::{Timeline, TimelineExtent};
use crate::error::Result;
use crate::keys;

/// Returns the first second that a log with this retention shows.
pub(super) fn retention_start(retention: Duration, now: Timestamp) -> Timestamp {
    now.minus(retention).plus(Duration::from_secs(1))
}

/// Builds the query of a log, newest first, with the filter applied.
pub(super) fn build_timeline(
    scope: &AuditScope,
    filter: &ActivityFilter,
    now: Timestamp,
) -> Result<Timeline> {
    let scope = scope.to_string();
    Ok(Timeline {
        newest: keys::audit_event_partition(&scope, &filter.latest(now).month()),
        from: filter.first_key(),
        to: filter.end_key(),
        filter: filter.condition()?,
        name: format!("{scope} {}", filter.cursor_name()),
    })
}

/// Returns the months before the newest one that the query must visit. The log is shown from
/// `since` on.
pub(super) fn older_months(
    scope: &AuditScope,
    filter: &ActivityFilter,
    now: Timestamp,
    since: Timestamp,
) -> TimelineExtent {
    let (scope, since) = (scope.to_string(), filter.earliest(since));
    let months = filter.latest(now).months_back_to(since);
    let partitions =
        months.iter().map(|month| keys::audit_event_partition(&scope, month)).collect();
    TimelineExtent { partitions, from: keys::audit_event_prefix(since) }
}

//! A user's own log of security events, and the queries that both logs share.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Action, Entry, Filter, OWN_KEPT, Scope};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Page, PageRequest, Timeline, TimelineExtent};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;

/// An event in a user's own log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OwnEvent)]
pub struct OwnEvent {
    /// Opaque id.
    #[schema(example = "evt_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The action, as `thing.verb`. New actions may be added.
    #[schema(value_type = String, example = "session.started")]
    action: Action,
    /// The id of what the action was applied to.
    #[schema(example = "ses_mfrggzdfmztwq2lknnwg23tpoa")]
    target: String,
    /// When it happened.
    timestamp: Timestamp,
    /// The IP address of the request.
    #[schema(value_type = String, example = "203.0.113.9")]
    ip: IpAddr,
    /// The user agent of the request.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    user_agent: String,
    /// Further details by name. Often empty.
    details: BTreeMap<String, String>,
}

impl From<Entry> for OwnEvent {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            action: entry.action,
            target: entry.target,
            timestamp: entry.at,
            ip: entry.ip,
            user_agent: entry.user_agent,
            details: entry.details,
        }
    }
}

/// Lists a user's own events of the last year, newest first.
///
/// # Errors
///
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list.
pub async fn own(ctx: &Context, user: &UserId, page: &PageRequest) -> Result<Page<OwnEvent>> {
    let (scope, filter, now) = (Scope::User(user.clone()), Filter::default(), ctx.now());
    let timeline = timeline(&scope, &filter, now)?;
    // The cut-off is exact, whereas DynamoDB deletes expired items days late.
    let past = past(&scope, &filter, now, still_shown(OWN_KEPT, now));
    let mut page: Page<Entry> = timeline.start_page(ctx, page).await?.finish(&past).await?;
    let events = std::mem::take(&mut page.data).into_iter().map(OwnEvent::from).collect();
    Ok(page.with(events))
}

/// Returns the first second that a log with this retention shows.
pub(super) fn still_shown(kept: Duration, now: Timestamp) -> Timestamp {
    now.minus(kept).plus(Duration::from_secs(1))
}

/// Builds the query of a log, newest first, with the filter applied.
pub(super) fn timeline(scope: &Scope, filter: &Filter, now: Timestamp) -> Result<Timeline> {
    let scope = scope.to_string();
    Ok(Timeline {
        newest: keys::activity_month(&scope, &filter.latest(now).month()),
        from: filter.least_key(),
        to: filter.end_key(),
        filter: filter.condition()?,
        name: format!("{scope} {}", filter.name()),
    })
}

/// Returns the months before the newest one that the query must visit. The log is shown from
/// `since` on.
pub(super) fn past(
    scope: &Scope,
    filter: &Filter,
    now: Timestamp,
    since: Timestamp,
) -> TimelineExtent {
    let (scope, since) = (scope.to_string(), filter.earliest(since));
    let months = filter.latest(now).months_back_to(since);
    let partitions = months.iter().map(|month| keys::activity_month(&scope, month)).collect();
    TimelineExtent { partitions, from: keys::activity_from(since) }
}

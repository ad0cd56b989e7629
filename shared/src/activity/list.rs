//! Reading the activity log.

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

/// A security event as the person sees it whom it is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OwnEvent)]
pub struct OwnEvent {
    /// Opaque id.
    #[schema(example = "evt_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What happened: `thing.verb`. New ones may come.
    #[schema(value_type = String, example = "session.started")]
    action: Action,
    /// What it was done to, as an id.
    #[schema(example = "ses_mfrggzdfmztwq2lknnwg23tpoa")]
    target: String,
    /// When it happened.
    timestamp: Timestamp,
    /// From where.
    #[schema(value_type = String, example = "203.0.113.9")]
    ip: IpAddr,
    /// With what.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    user_agent: String,
    /// What else is worth knowing, by name; often nothing.
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

/// A page of a person's own events of the last year, newest first.
pub async fn own(ctx: &Context, user: &UserId, page: &PageRequest) -> Result<Page<OwnEvent>> {
    let (scope, filter, now) = (Scope::User(user.clone()), Filter::default(), ctx.now());
    let timeline = timeline(&scope, &filter, now)?;
    // To the second, what disappears by itself: `ttl` is days late at times.
    let past = past(&scope, &filter, now, still_shown(OWN_KEPT, now));
    let mut page: Page<Entry> = timeline.start_page(ctx, page).await?.finish(&past).await?;
    let events = std::mem::take(&mut page.data).into_iter().map(OwnEvent::from).collect();
    Ok(page.with(events))
}

/// The first second of what is shown for so long.
pub(super) fn still_shown(kept: Duration, now: Timestamp) -> Timestamp {
    now.minus(kept).plus(Duration::from_secs(1))
}

/// A log as far as the filter lets it through, newest first.
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

/// How far back that goes, of a log that is shown from `since` on.
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

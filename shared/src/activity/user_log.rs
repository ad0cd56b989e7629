//! Lists a user's own log of security events.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::timeline::{build_timeline, older_months, retention_start};
use super::{Action, ActivityFilter, AuditEvent, AuditScope, USER_EVENT_TTL};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Page, PageRequest, Timeline, TimelineExtent};
use crate::error::{Error, Result};
use crate::ids::UserId;

/// An event in a user's own log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OwnEvent)]
pub struct UserEvent {
    /// The id of the event, an opaque string.
    #[schema(example = "evt_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The action, as `thing.verb`. New actions may be added.
    #[schema(value_type = String, example = "session.started")]
    pub action: Action,
    /// Whether support of the service did it, and not the user.
    #[schema(example = false)]
    pub support: bool,
    /// The id of what the action was applied to.
    #[schema(example = "ses_mfrggzdfmztwq2lknnwg23tpoa")]
    pub target: String,
    /// The time at which the event happened.
    pub timestamp: Timestamp,
    /// The IP address of the request.
    #[schema(value_type = String, example = "203.0.113.9")]
    pub ip: IpAddr,
    /// The user agent of the request.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    pub user_agent: String,
    /// Further details by name. Often empty.
    pub details: BTreeMap<String, String>,
}

impl From<AuditEvent> for UserEvent {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id.to_string(),
            support: event.is_by_support(),
            action: event.action,
            target: event.target,
            timestamp: event.at,
            ip: event.ip,
            user_agent: event.user_agent,
            details: event.details,
        }
    }
}

/// The query of a user's own log.
struct UserLog {
    timeline: Timeline,
    past: TimelineExtent,
}

impl UserLog {
    fn new(ctx: &Context, user: &UserId, filter: &ActivityFilter) -> Result<Self> {
        let (scope, now) = (AuditScope::User(user.clone()), ctx.now());
        // The cut-off is exact, whereas DynamoDB deletes expired items days late.
        let since = retention_start(USER_EVENT_TTL, now);
        Ok(Self {
            timeline: build_timeline(&scope, filter, now)?,
            past: older_months(&scope, filter, now, since),
        })
    }
}

/// Lists the caller's own events of the last year that match a filter, newest first.
///
/// The newest month is read together with the caller, so that the list takes at most two round trips. A filter of
/// actions that leaves out most of that month adds up to three.
///
/// # Errors
///
/// * The errors of [`authenticate`] if the credential is not valid.
/// * [`Error::NoAccess`] for an organization's key, and for a token that is confined to one organization.
/// * [`Error::InvalidCursor`] if the cursor is not from this list and filter.
pub async fn list_own_events(
    ctx: &Context,
    caller: &Caller,
    filter: &ActivityFilter,
    page: &PageRequest,
) -> Result<Page<UserEvent>> {
    let Some(user) = caller.credential.user() else {
        // An invalid key is refused as invalid, and only a valid one as without access.
        authenticate(ctx, caller, &[]).await?;
        return Err(Error::NoAccess);
    };
    let log = UserLog::new(ctx, user, filter)?;
    let (authenticated, started) =
        tokio::join!(authenticate(ctx, caller, &[]), log.timeline.start_page(ctx, page));
    authenticated?.0.into_person()?;
    Ok(to_user_events(started?.finish(&log.past).await?))
}

/// Lists the events of a user of the last year that match a filter, newest first.
///
/// # Errors
///
/// * [`Error::InvalidCursor`] if the cursor is not from this list and filter.
pub async fn list_user_events(
    ctx: &Context,
    user: &UserId,
    filter: &ActivityFilter,
    page: &PageRequest,
) -> Result<Page<UserEvent>> {
    let log = UserLog::new(ctx, user, filter)?;
    let page = log.timeline.start_page(ctx, page).await?.finish(&log.past).await?;
    Ok(to_user_events(page))
}

fn to_user_events(mut page: Page<AuditEvent>) -> Page<UserEvent> {
    let events = std::mem::take(&mut page.data).into_iter().map(UserEvent::from).collect();
    page.with_data(events)
}

/// Lists the first events of a user since a time, newest first, at most `limit`.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table cannot be read.
pub async fn list_recent_user_events(
    ctx: &Context,
    user: &UserId,
    since: Timestamp,
    limit: u16,
) -> Result<Vec<UserEvent>> {
    let filter = ActivityFilter::since(since);
    let page = PageRequest { limit, cursor: None };
    Ok(list_user_events(ctx, user, &filter, &page).await?.data)
}

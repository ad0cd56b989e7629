//! Lists an organization's audit log.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::actor_names::{ActorNames, NamedKey, NamedUser};
use super::timeline::{build_timeline, older_months, retention_start};
use super::{Action, ActivityFilter, AuditEvent, AuditScope};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Page, PageRequest};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::organizations::Organization;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// An event in an organization's log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrganizationEvent)]
pub struct OrganizationEvent {
    /// The id of the event, an opaque string.
    #[schema(example = "evt_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The action, as `thing.verb`. New actions may be added.
    #[schema(value_type = String, example = "client.renamed")]
    pub action: Action,
    /// The user who caused it; null if no user did.
    #[schema(required)]
    pub user: Option<NamedUser>,
    /// The organization's API key that caused it; null if no key did. If both are null, support or the service
    /// caused it.
    #[schema(required)]
    pub key: Option<NamedKey>,
    /// Whether support of the service did it.
    #[schema(example = false)]
    pub support: bool,
    /// The id of what the action was applied to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub target: String,
    /// The time at which the event happened.
    pub timestamp: Timestamp,
    /// The IP address of the request.
    #[schema(value_type = String, example = "203.0.113.9")]
    pub ip: IpAddr,
    /// The user agent of the request.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    pub user_agent: String,
    /// Further details by name. A change has the values `before` and `after`.
    pub details: BTreeMap<String, String>,
}

impl OrganizationEvent {
    fn new(event: AuditEvent, names: &ActorNames) -> Self {
        Self {
            user: names.user(&event),
            key: names.key(&event),
            support: event.is_by_support(),
            id: event.id.to_string(),
            action: event.action,
            target: event.target,
            timestamp: event.at,
            ip: event.ip,
            user_agent: event.user_agent,
            details: event.details,
        }
    }
}

/// Lists an organization's events, newest first, as far back as its plan shows.
///
/// The newest month is read together with the authorization, which tells how far back to read.
/// Names are read last, unless the caller caused all events.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not see the audit log.
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list and filter.
pub async fn list_organization_events(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    filter: &ActivityFilter,
    page: &PageRequest,
) -> Result<Page<OrganizationEvent>> {
    let (scope, now) = (AuditScope::Organization(organization_id.clone()), ctx.now());
    let timeline = build_timeline(&scope, filter, now)?;
    let (authorized, begun) = tokio::join!(
        authorize(ctx, caller, organization_id, Right::ViewActivity, &[]),
        timeline.start_page(ctx, page),
    );
    let (authorized, _) = authorized?;
    let past = older_months(&scope, filter, now, visible_since(&authorized.organization, now));
    let mut page: Page<AuditEvent> = begun?.finish(&past).await?;
    let events = std::mem::take(&mut page.data);
    let names =
        ActorNames::read(ctx, organization_id, authorized.principal.user(), &events).await?;
    let events = events.into_iter().map(|event| OrganizationEvent::new(event, &names)).collect();
    Ok(page.with_data(events))
}

/// Lists the last events of an organization, newest first, at most `limit`, without the names of those who caused them.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub async fn list_recent_organization_events(
    ctx: &Context,
    organization: &Organization,
    limit: usize,
) -> Result<Vec<OrganizationEvent>> {
    let scope = AuditScope::Organization(organization.id.clone());
    let (now, since) = (ctx.now(), organization.created_at);
    let filter = ActivityFilter::since(since);
    let page = PageRequest { limit: u16::try_from(limit).unwrap_or(u16::MAX), cursor: None };
    let timeline = build_timeline(&scope, &filter, now)?;
    let past = older_months(&scope, &filter, now, since);
    let page: Page<AuditEvent> = timeline.start_page(ctx, &page).await?.finish(&past).await?;
    let names = ActorNames::default();
    Ok(page.data.into_iter().map(|event| OrganizationEvent::new(event, &names)).collect())
}

/// Returns the first second that an organization may see: what its plan keeps, but not before its creation.
pub(super) fn visible_since(organization: &Organization, now: Timestamp) -> Timestamp {
    let of_plan = organization.plan.limits().activity.map(|kept| retention_start(kept, now));
    of_plan.map_or(organization.created_at, |since| since.max(organization.created_at))
}

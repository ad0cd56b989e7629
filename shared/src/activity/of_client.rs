//! Reading an organization's activity log.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::list::{past, still_shown, timeline};
use super::names::{NamedKey, NamedUser, Names};
use super::{Action, Entry, Filter, Scope};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Page, PageRequest};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::organizations::Organization;
use crate::organizations::admit::admit;
use crate::organizations::rights::Right;
use crate::requester::Requester;

/// What happened in an organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrganizationEvent)]
pub struct OrganizationEvent {
    /// Opaque id.
    #[schema(example = "evt_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What happened: `thing.verb`. New ones may come.
    #[schema(value_type = String, example = "client.renamed")]
    action: Action,
    /// The person who did it; null where it was none.
    #[schema(required)]
    user: Option<NamedUser>,
    /// The client's key that did it; null where it was none. Where both are null, the service did it.
    #[schema(required)]
    key: Option<NamedKey>,
    /// What it was done to, as an id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    target: String,
    /// When it happened.
    timestamp: Timestamp,
    /// From where.
    #[schema(value_type = String, example = "203.0.113.9")]
    ip: IpAddr,
    /// With what.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    user_agent: String,
    /// What else is worth knowing, by name: of a change how it was `before` and is `after`.
    details: BTreeMap<String, String>,
}

impl OrganizationEvent {
    fn of(entry: Entry, names: &Names) -> Self {
        Self {
            user: names.user(&entry),
            key: names.key(&entry),
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

/// A page of what happened in an organization, newest first, as far back as its plan shows.
/// [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
///
/// The newest month is read beside the admission, which says how far back the rest goes; who did it is
/// read last, and not at all where that is the caller alone.
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Page<OrganizationEvent>> {
    let (scope, now) = (Scope::Organization(organization_id.clone()), ctx.now());
    let timeline = timeline(&scope, filter, now)?;
    let (admitted, begun) = tokio::join!(
        admit(ctx, requester, credential, organization_id, Right::SeeActivity, &[]),
        timeline.start_page(ctx, page),
    );
    let (admitted, _) = admitted?;
    let past = past(&scope, filter, now, shown_since(&admitted.organization, now));
    let mut page: Page<Entry> = begun?.finish(&past).await?;
    let entries = std::mem::take(&mut page.data);
    let names = Names::read(ctx, organization_id, admitted.caller.user(), &entries).await?;
    let events = entries.into_iter().map(|entry| OrganizationEvent::of(entry, &names)).collect();
    Ok(page.with(events))
}

/// From when on an organization sees what happened: what its plan says, and no earlier than it was made.
pub(super) fn shown_since(organization: &Organization, now: Timestamp) -> Timestamp {
    let of_plan = organization.plan.limits().activity.map(|kept| still_shown(kept, now));
    of_plan.map_or(organization.created_at, |since| since.max(organization.created_at))
}

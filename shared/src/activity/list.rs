//! Reading the activity log.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Action, Entry, OWN_KEPT, Scope};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::keys;
use crate::dynamo::page::{Page, PageRequest};
use crate::dynamo::timeline::{Past, Timeline};
use crate::error::Result;
use crate::ids::UserId;

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
    // To the second, what disappears by itself: `ttl` is days late at times.
    let since = ctx.now().minus(OWN_KEPT).plus(Duration::from_secs(1));
    let name = Scope::User(user.clone()).to_string();
    let newest = keys::activity_month(&name, &ctx.now().month());
    let from = keys::ACTIVITY_BEGIN.to_owned();
    let timeline = Timeline { newest, from, to: keys::ACTIVITY_END.to_owned(), filter: None, name };
    let months = ctx.now().months_back_to(since);
    let name = &timeline.name;
    let partitions = months.iter().map(|month| keys::activity_month(name, month)).collect();
    let past = Past { partitions, from: keys::activity_from(since) };
    let mut page: Page<Entry> = timeline.begin(ctx, page).await?.finish(ctx, &past).await?;
    let events = std::mem::take(&mut page.data).into_iter().map(OwnEvent::from).collect();
    Ok(page.with(events))
}

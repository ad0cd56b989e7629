//! Which sessions somebody has.

use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Authenticated, IDLE_LIFETIME, Session};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::keys;

/// A session as its user sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Opaque id.
    #[schema(example = "ses_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// Whether it is the one that asks.
    #[schema(example = true)]
    current: bool,
    /// From where it began.
    #[schema(value_type = String, example = "203.0.113.9")]
    ip: IpAddr,
    /// With what it began.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    user_agent: String,
    /// When its user signed in.
    created_at: Timestamp,
    /// When it was last used, to the hour.
    last_seen_at: Timestamp,
    /// When it ends if it isn't used any more.
    expires_at: Timestamp,
}

/// A page of the sessions that are alive. One that has ended may still be stored; it is left out, so
/// that a page may hold fewer than asked for.
pub async fn list(
    ctx: &Context,
    signed_in: &Authenticated,
    page: &PageRequest,
) -> Result<Page<SessionView>> {
    let Authenticated { session: own, user } = signed_in;
    let slice = ListQuery::new(keys::user(&user.id).pk, keys::SESSIONS);
    let mut page: Page<Session> = query(ctx, &slice, page).await?;
    let stored = std::mem::take(&mut page.data);
    let alive = stored.into_iter().filter(|session| session.is_alive(user, ctx.now()));
    let views = alive.map(|session| SessionView {
        current: session.id == own.id,
        id: session.id.to_string(),
        ip: session.ip,
        user_agent: session.user_agent,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at.min(session.last_seen_at.plus(IDLE_LIFETIME)),
    });
    let views = views.collect();
    Ok(page.with(views))
}

//! Listing the sessions of a user.

use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::{AuthenticatedSession, SESSION_IDLE_TIMEOUT, Session};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{ListQuery, Page, PageRequest, query};
use crate::error::Result;
use crate::keys;

/// A session, as the API shows it to its user.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// The id of the session, an opaque string.
    #[schema(example = "ses_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// Whether it is the session of this request.
    #[schema(example = true)]
    pub current: bool,
    /// The IP address that signed in.
    #[schema(value_type = String, example = "203.0.113.9")]
    pub ip: IpAddr,
    /// The user agent (browser or program) that signed in.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")]
    pub user_agent: String,
    /// The time of the sign-in that started the session.
    pub created_at: Timestamp,
    /// Time of the last use, accurate to the hour.
    pub last_seen_at: Timestamp,
    /// Time when the session ends if it is not used again.
    pub expires_at: Timestamp,
}

/// Lists a page of the user's active sessions. Ended sessions that are still stored are left out, so a page
/// may have fewer entries than requested.
///
/// # Errors
/// `Error::InvalidField` if the cursor is invalid.
pub async fn list_sessions(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    page: &PageRequest,
) -> Result<Page<SessionView>> {
    let AuthenticatedSession { session: own, user, .. } = signed_in;
    let slice = ListQuery::new(keys::user(&user.id).pk, keys::SESSIONS);
    let mut page: Page<Session> = query(ctx, &slice, page).await?;
    let stored = std::mem::take(&mut page.data);
    let active = stored.into_iter().filter(|session| session.is_active(user, ctx.now()));
    let views = active.map(|session| SessionView {
        current: session.id == own.id,
        id: session.id.to_string(),
        ip: session.ip,
        user_agent: session.user_agent,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at.min(session.last_seen_at.plus(SESSION_IDLE_TIMEOUT)),
    });
    let views = views.collect();
    Ok(page.with_data(views))
}

//! Everything stored about a person, for the person.
//!
//! What is stored under a user has its place here, and `tests/routes/export.rs` knows it: whoever adds a kind
//! of row under `USER#` adds what it holds to [`Export`], or the reason why not to that test.

mod room;
mod view;

use room::Room;
pub use view::{Export, ExportedGoogle, ExportedSession, ExportedUser, FormerEmail};

use super::User;
use super::email_change::former_addresses;
use super::two_factor::stored;
use crate::activity::user_log::{UserEvent, list_user_events};
use crate::context::Context;
use crate::dynamo::{Chunk, PageRequest, Range, Record, SortKeyCondition};
use crate::error::Result;
use crate::keys;
use crate::notifications::{PreferencesView, read_preferences};
use crate::organizations::list::{OrganizationSummary, list_for_user};
use crate::sessions::Session;
use crate::tokens::TokenView;
use crate::tokens::list::list_latest;

/// Most sessions; ended ones count until DynamoDB has deleted them.
const MOST_SESSIONS: usize = 2_000;

/// Most tokens, the latest.
const MOST_TOKENS: usize = 2_000;

/// Most clients.
const MOST_CLIENTS: u16 = 1_000;

/// Most entries of the activity log, the newest.
const MOST_EVENTS: u16 = 10_000;

/// Everything stored about a user, but for secrets and what proves them. Reads side by side; where
/// there is more of something than one answer holds, it says so.
pub async fn export(ctx: &Context, user: &User) -> Result<Export> {
    let (two_factor, former, notifications, sessions, tokens, clients, activity) = tokio::try_join!(
        stored(ctx, user),
        former_addresses(ctx, user),
        read_preferences(ctx, &user.id),
        sessions(ctx, user),
        list_latest(ctx, user, MOST_TOKENS),
        clients(ctx, user),
        activity(ctx, user),
    )?;
    let now = ctx.now();
    let former = former.into_iter().filter(|former| former.can_be_restored);
    let former =
        former.map(|former| FormerEmail { email: former.email.to_string(), until: former.until });
    // The newest first, so that those are there whatever there is room for.
    let Chunk { items: mut sessions, more: more_sessions } = sessions;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.created_at));
    let sessions = sessions.into_iter().map(|session| ExportedSession::of(session, user, now));
    let views = tokens.items.iter().map(|token| TokenView::new(token, user));
    let mut room = Room::of_an_answer();
    let sessions = room.fit(sessions.collect(), room::SESSIONS, more_sessions)?;
    let tokens = room.fit(views.collect(), room::TOKENS, tokens.more)?;
    let clients = room.fit(clients.items, room::CLIENTS, clients.more)?;
    let activity = room.fit(activity.items, room::ALL, activity.more)?;
    Ok(Export {
        exported_at: now,
        user: ExportedUser::new(user, two_factor, former.collect()),
        notifications: PreferencesView::from(&notifications),
        sessions: sessions.items,
        sessions_truncated: sessions.more,
        tokens: tokens.items,
        tokens_truncated: tokens.more,
        clients: clients.items,
        clients_truncated: clients.more,
        activity: activity.items,
        activity_truncated: activity.more,
    })
}

async fn sessions(ctx: &Context, user: &User) -> Result<Chunk<Session>> {
    let pk = &user.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::SESSIONS) };
    ctx.table.first(&range, MOST_SESSIONS).await
}

async fn clients(ctx: &Context, user: &User) -> Result<Chunk<OrganizationSummary>> {
    let page = PageRequest { limit: MOST_CLIENTS, cursor: None };
    let page = list_for_user(ctx, &user.id, &page).await?;
    Ok(Chunk { more: page.next_cursor.is_some(), items: page.data })
}

async fn activity(ctx: &Context, user: &User) -> Result<Chunk<UserEvent>> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        // DynamoDB ends a page after a megabyte, however much is asked for.
        let got = u16::try_from(items.len()).unwrap_or(MOST_EVENTS);
        let page = PageRequest { limit: MOST_EVENTS - got, cursor };
        let page = list_user_events(ctx, &user.id, &page).await?;
        items.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() || items.len() >= usize::from(MOST_EVENTS) {
            return Ok(Chunk { items, more: cursor.is_some() });
        }
    }
}

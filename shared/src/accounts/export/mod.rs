//! Exporting everything that is stored about a person.
//!
//! Each kind of row under `USER#` is part of [`Export`], or `tests/routes/export.rs` lists the reason why not.
//! That test fails for a new kind of row until one of both is done.

mod size_budget;
mod view;

use size_budget::SizeBudget;
pub use size_budget::{MAX_EVENTS, MAX_ORGANIZATIONS, MAX_SESSIONS, MAX_TOKENS};
pub use view::{Export, ExportedGoogle, ExportedSession, ExportedUser, FormerEmail};

use super::User;
use super::email_change::previous_addresses;
use super::mailed_link::read_links;
use super::passkeys::list::list_passkeys;
use super::two_factor::read_stored_two_factor;
use crate::activity::ActivityFilter;
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

/// Exports everything that is stored about a user, except secrets and their hashes. A list that is too long
/// for the response is cut off, and a field says so.
///
/// # Errors
/// `Error::Unavailable` if the table does not respond.
pub async fn export(ctx: &Context, user: &User) -> Result<Export> {
    let (two_factor, passkeys, previous, links, notifications, sessions, tokens, clients, activity) =
        tokio::try_join!(
            read_stored_two_factor(ctx, user),
            list_passkeys(ctx, user),
            previous_addresses(ctx, user),
            read_links(ctx, user),
            read_preferences(ctx, &user.id),
            sessions(ctx, user),
            list_latest(ctx, &user.id, MAX_TOKENS),
            clients(ctx, user),
            activity(ctx, user),
        )?;
    let now = ctx.now();
    let previous = previous.into_iter().filter(|previous| previous.can_be_restored);
    let former = previous
        .map(|previous| FormerEmail { email: previous.email.to_string(), until: previous.until });
    // The newest sessions come first, so that older ones are cut off.
    let Chunk { items: mut sessions, more: more_sessions } = sessions;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.created_at));
    let sessions = sessions.into_iter().map(|session| ExportedSession::new(session, user, now));
    let views = tokens.items.iter().map(|token| TokenView::new(token, user));
    let mut budget = SizeBudget::full();
    let sessions =
        budget.take_fitting(sessions.collect(), size_budget::MAX_SESSIONS_BYTES, more_sessions)?;
    let tokens =
        budget.take_fitting(views.collect(), size_budget::MAX_TOKENS_BYTES, tokens.more)?;
    let clients =
        budget.take_fitting(clients.items, size_budget::MAX_ORGANIZATIONS_BYTES, clients.more)?;
    let activity =
        budget.take_fitting(activity.items, size_budget::MAX_LISTS_BYTES, activity.more)?;
    Ok(Export {
        exported_at: now,
        user: ExportedUser::new(user, two_factor, passkeys, former.collect(), links),
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
    ctx.table.query_first(&range, MAX_SESSIONS).await
}

async fn clients(ctx: &Context, user: &User) -> Result<Chunk<OrganizationSummary>> {
    let page = PageRequest { limit: MAX_ORGANIZATIONS, cursor: None };
    let page = list_for_user(ctx, &user.id, &page).await?;
    Ok(Chunk { more: page.next_cursor.is_some(), items: page.data })
}

async fn activity(ctx: &Context, user: &User) -> Result<Chunk<UserEvent>> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        // DynamoDB ends a page after one megabyte, so that a page can have fewer entries than its limit.
        let got = u16::try_from(items.len()).unwrap_or(MAX_EVENTS);
        let page = PageRequest { limit: MAX_EVENTS - got, cursor };
        let page = list_user_events(ctx, &user.id, &ActivityFilter::default(), &page).await?;
        items.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() || items.len() >= usize::from(MAX_EVENTS) {
            return Ok(Chunk { items, more: cursor.is_some() });
        }
    }
}

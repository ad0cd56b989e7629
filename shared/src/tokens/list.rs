//! Lists personal tokens.

use super::{Token, TokenView};
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Chunk, ListQuery, Page, PageRequest, Range, SortKeyCondition, query};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;

/// Lists the caller's tokens in the order of creation, including expired and revoked ones. Takes
/// one round trip: the caller is read together with the list.
///
/// # Errors
///
/// * [`Error::SessionRequired`](crate::error::Error::SessionRequired) if the caller has no session.
/// * [`Error::InvalidCursor`](crate::error::Error::InvalidCursor) if the cursor is not from this
///   list.
pub async fn list(ctx: &Context, caller: &Caller, page: &PageRequest) -> Result<Page<TokenView>> {
    let listed = async {
        match caller.credential.user() {
            Some(user) => list_page(ctx, user, page).await,
            None => Ok(Page::empty()),
        }
    };
    let (identified, listed) = tokio::join!(authenticate(ctx, caller, &[]), listed);
    let user = identified?.0.into_session()?.user;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let views = stored.iter().map(|token| TokenView::new(token, &user)).collect();
    Ok(page.with_data(views))
}

async fn list_page(ctx: &Context, user: &UserId, page: &PageRequest) -> Result<Page<Token>> {
    let slice = ListQuery::new(keys::user(user).pk, keys::TOKENS);
    query(ctx, &slice, page).await
}

/// Returns at most `most` of a user's tokens, the newest first.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub(crate) async fn list_latest(ctx: &Context, user: &UserId, most: usize) -> Result<Chunk<Token>> {
    let pk = &keys::user(user).pk;
    let sort_keys =
        SortKeyCondition::BetweenDescending { from: keys::TOKENS, to: keys::TOKENS_END };
    ctx.table.query_first(&Range { pk, sort_keys }, most).await
}

//! Which tokens somebody has.

use super::{Token, TokenView};
use crate::accounts::User;
use crate::context::Context;
use crate::credentials::{Credential, identify};
use crate::dynamo::{Chunk, ListQuery, Page, PageRequest, Range, Record, SortKeyCondition, query};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;
use crate::requester::Requester;

/// A page of the caller's tokens, in the order in which they were made; those that are over are among
/// them. One round trip: who calls is read beside the list.
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    page: &PageRequest,
) -> Result<Page<TokenView>> {
    let listed = async {
        match credential.user() {
            Some(user) => listed(ctx, user, page).await,
            None => Ok(Page::empty()),
        }
    };
    let (identified, listed) = tokio::join!(identify(ctx, requester, credential, &[]), listed);
    let user = identified?.0.into_session()?.user;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let views = stored.iter().map(|token| TokenView::of(token, &user)).collect();
    Ok(page.with(views))
}

async fn listed(ctx: &Context, user: &UserId, page: &PageRequest) -> Result<Page<Token>> {
    let slice = ListQuery::new(keys::user(user).pk, keys::TOKENS);
    query(ctx, &slice, page).await
}

/// The latest tokens of a person, at most that many, the newest first.
pub(crate) async fn latest(ctx: &Context, user: &User, most: usize) -> Result<Chunk<Token>> {
    let pk = &user.key().pk;
    let sort_keys =
        SortKeyCondition::BetweenDescending { from: keys::TOKENS, to: keys::TOKENS_END };
    ctx.table.first(&Range { pk, sort_keys }, most).await
}

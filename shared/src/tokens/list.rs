//! Which tokens somebody has.

use super::{Token, TokenView};
use crate::accounts::User;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::page::{Page, PageRequest, Slice, query};
use crate::dynamo::partition::Bounded;
use crate::dynamo::{Range, Record, Which, keys};
use crate::error::Result;
use crate::ids::UserId;

/// A page of the caller's tokens, in the order in which they were made; those that are over are among
/// them. One round trip: who calls is read beside the list.
pub async fn list(ctx: &Context, caller: &Caller, page: &PageRequest) -> Result<Page<TokenView>> {
    let listed = async {
        match caller.credential.user() {
            Some(user) => listed(ctx, user, page).await,
            None => Ok(Page::empty()),
        }
    };
    let (identified, listed) = tokio::join!(authenticate(ctx, caller, &[]), listed);
    let user = identified?.0.into_session()?.user;
    let mut page = listed?;
    let stored = std::mem::take(&mut page.data);
    let views = stored.iter().map(|token| TokenView::of(token, &user)).collect();
    Ok(page.with(views))
}

async fn listed(ctx: &Context, user: &UserId, page: &PageRequest) -> Result<Page<Token>> {
    let slice = Slice::of(keys::user(user).pk, keys::TOKENS);
    query(ctx, &slice, page).await
}

/// The latest tokens of a person, at most that many, the newest first.
pub(crate) async fn latest(ctx: &Context, user: &User, most: usize) -> Result<Bounded<Token>> {
    let pk = &user.key().pk;
    let which = Which::Descending { from: keys::TOKENS, to: keys::TOKENS_END };
    ctx.table.first(&Range { pk, which }, most).await
}

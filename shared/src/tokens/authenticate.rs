//! From a bearer token to whom it acts as.

use super::{PlainToken, Token};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::keys;
use crate::error::{Error, Result};

/// Checks a token. [`Error::InvalidToken`] for every reason; a mistyped one costs no read.
pub async fn authenticate(ctx: &Context, text: &str) -> Result<User> {
    let token = PlainToken::parse(text).ok_or(Error::InvalidToken)?;
    let token: Token =
        ctx.table.get(&keys::token(&token.hash())).await?.ok_or(Error::InvalidToken)?;
    let expired = token.expires_at.is_some_and(|at| ctx.now() >= at);
    if expired || token.revoked_at.is_some() {
        return Err(Error::InvalidToken);
    }
    let user: Option<User> = ctx.table.get(&keys::user(&token.user_id)).await?;
    user.ok_or(Error::InvalidToken)
}

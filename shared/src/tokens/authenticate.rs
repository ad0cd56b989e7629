//! From a bearer token to whom it acts as.

use super::{PlainToken, Token};
use crate::context::Context;
use crate::dynamo::keys;
use crate::error::{Error, Result};

/// Checks a token: one read, and no write. [`Error::InvalidToken`] for every reason; a mistyped one
/// isn't even looked up.
pub async fn authenticate(ctx: &Context, text: &str) -> Result<Token> {
    let token = PlainToken::parse(text).ok_or(Error::InvalidToken)?;
    let token: Token =
        ctx.table.get(&keys::token(&token.hash())).await?.ok_or(Error::InvalidToken)?;
    let expired = token.expires_at.is_some_and(|at| ctx.now() >= at);
    if expired || token.revoked_at.is_some() {
        return Err(Error::InvalidToken);
    }
    Ok(token)
}

//! Revoking a token of one's own.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Token, entry};
use crate::activity::Action;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Credential, identify};
use crate::dynamo::{Record, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;
use crate::values::TokenHolder;

/// A token or key that is refused from now on.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Revoked {
    /// Which.
    #[schema(example = 42)]
    id: u32,
    /// Since when.
    revoked_at: Timestamp,
}

impl Revoked {
    /// That one, since then.
    pub(crate) const fn since(id: u32, revoked_at: Timestamp) -> Self {
        Self { id, revoked_at }
    }
}

/// Revokes the caller's token with that number: the next request with it is refused. Again, it answers
/// the same. [`Error::NotFound`].
pub async fn revoke(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    number: u32,
) -> Result<Revoked> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, number)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    number: u32,
) -> Result<Revoked> {
    let holder = credential.user().cloned().map(TokenHolder::User);
    let key = holder.map(|holder| keys::token(&holder, number)).ok_or(Error::SessionRequired)?;
    let also = [key.clone()];
    let (caller, found) = identify(ctx, requester, credential, &also).await?;
    let user = caller.into_session()?.user;
    let token: Token = found.read(&key)?.ok_or(Error::NotFound)?;
    if let Some(since) = token.dead_since(&user) {
        return Ok(Revoked::since(number, since));
    }
    let now = ctx.now();
    let mut tx = ctx.table.transaction();
    put_end(&mut tx, &token, now)?;
    tx.commit(entry(ctx, requester, &user.id, Action::TokenRevoked, &token)).await?;
    Ok(Revoked::since(number, now))
}

/// Adds to a change that a token or key is revoked; [`Error::Conflict`] where somebody else has just done
/// that.
pub(crate) fn put_end(tx: &mut Tx<'_>, token: &Token, now: Timestamp) -> Result<()> {
    let end = Update::new(token.key()).set("revoked_at", now)?.only_if(Token::is_alive());
    tx.update(end, Error::Conflict)
}

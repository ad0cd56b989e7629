//! Revokes a personal token.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Holder, Token, entry};
use crate::activity::Action;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Record, Tx, Update, keys, retry_conflicts};
use crate::error::{Error, Result};

/// A revoked personal token or API key.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Revoked {
    /// The number of the token or key.
    #[schema(example = 42)]
    id: u32,
    /// When it was revoked.
    revoked_at: Timestamp,
}

impl Revoked {
    /// Describes a token or key that was revoked at that time.
    pub(crate) const fn since(id: u32, revoked_at: Timestamp) -> Self {
        Self { id, revoked_at }
    }
}

/// Revokes the caller's token with this number. Requests with the token fail from then on. Revoking
/// it again returns the first time of revocation.
///
/// # Errors
///
/// * [`Error::SessionRequired`] if the caller has no session.
/// * [`Error::NotFound`] if the user has no token with this number.
pub async fn revoke(ctx: &Context, caller: &Caller, number: u32) -> Result<Revoked> {
    retry_conflicts(ctx, || attempt(ctx, caller, number)).await
}

async fn attempt(ctx: &Context, caller: &Caller, number: u32) -> Result<Revoked> {
    let holder = caller.credential.user().cloned().map(Holder::User);
    let key = holder.map(|holder| keys::token(&holder, number)).ok_or(Error::SessionRequired)?;
    let also = [key.clone()];
    let (principal, found) = authenticate(ctx, caller, &also).await?;
    let user = principal.into_session()?.user;
    let token: Token = found.read(&key)?.ok_or(Error::NotFound)?;
    if let Some(since) = token.dead_since(&user) {
        return Ok(Revoked::since(number, since));
    }
    let now = ctx.now();
    let mut tx = ctx.table.transaction();
    put_end(&mut tx, &token, now)?;
    tx.commit(entry(ctx, &caller.requester, &user.id, Action::TokenRevoked, &token)).await?;
    Ok(Revoked::since(number, now))
}

/// Revokes a token or API key in `tx`.
///
/// # Errors
///
/// * [`Error::Conflict`] on commit if it was revoked since it was read.
pub(crate) fn put_end(tx: &mut Tx<'_>, token: &Token, now: Timestamp) -> Result<()> {
    let end = Update::of(token.key()).set("revoked_at", now)?.only_if(Token::is_alive());
    tx.update(end, Error::Conflict)
}

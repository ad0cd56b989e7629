//! Revokes a personal token.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Token, audit_event};
use crate::activity::Action;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Attempt, AttemptError, Record, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::values::TokenHolder;

/// A revoked personal token or API key.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Revoked)]
pub struct RevokedToken {
    /// The number of the token or key.
    #[schema(example = 42)]
    pub id: u32,
    /// The time from which the token or API key is refused.
    pub revoked_at: Timestamp,
}

impl RevokedToken {
    /// Describes a token or key that was revoked at that time.
    pub(crate) const fn new(id: u32, revoked_at: Timestamp) -> Self {
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
pub async fn revoke(ctx: &Context, caller: &Caller, number: u32) -> Result<RevokedToken> {
    retry_conflicts(ctx, || attempt(ctx, caller, number)).await
}

async fn attempt(ctx: &Context, caller: &Caller, number: u32) -> Attempt<RevokedToken> {
    let holder = caller.credential.user().cloned().map(TokenHolder::User);
    let key = holder.map(|holder| keys::token(&holder, number)).ok_or(Error::SessionRequired)?;
    let extra_keys = [key.clone()];
    let (principal, found) = authenticate(ctx, caller, &extra_keys).await?;
    let user = principal.into_session()?.user;
    let token: Token = found.read(&key)?.ok_or(Error::NotFound)?;
    if let Some(since) = token.revoked_since(&user) {
        return Ok(RevokedToken::new(number, since));
    }
    let now = ctx.now();
    let mut tx = ctx.table.transaction();
    put_revocation(&mut tx, &token, now)?;
    tx.commit(audit_event(ctx, &caller.requester, &user.id, Action::TokenRevoked, &token)).await?;
    Ok(RevokedToken::new(number, now))
}

/// Revokes a token or API key in `tx`.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if it was revoked since it was read.
pub(crate) fn put_revocation(tx: &mut Tx<'_>, token: &Token, now: Timestamp) -> Result<()> {
    let end = Update::new(token.key()).set("revoked_at", now)?.only_if(Token::not_revoked());
    tx.update(end, AttemptError::Conflict)
}

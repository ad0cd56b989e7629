//! Rotates an API key.

use super::{NewKey, audit_event, revoked_since};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::authorize_with_recent_proof;
use crate::organizations::rights::Right;
use crate::tokens::{PlainToken, Token};
use crate::values::TokenHolder;

/// Gives an API key a new value. The previous value fails from then on. If several rotations run
/// concurrently, the last one's value is valid.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization or the key does not exist, or the key was revoked.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NoAccess`] if the caller may not manage API keys.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn rotate(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    id: &OrganizationId,
    number: u32,
) -> Result<Replayable<NewKey>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, id, number)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    id: &OrganizationId,
    number: u32,
) -> Attempt<Replayable<NewKey>> {
    let holder = TokenHolder::Organization(id.clone());
    let row = keys::token(&holder, number);
    let extra_keys = [row.clone()];
    let authorized = authorize_with_recent_proof(ctx, caller, id, Right::ManageKeys, &extra_keys);
    let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
    let (authorized, found) = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let key: Option<Token> = found.read(&row)?;
    let key = key
        .filter(|key| revoked_since(key, &authorized.organization).is_none())
        .ok_or(Error::NotFound)?;
    let value = PlainToken::generate(&*ctx.random, holder, number);
    let key =
        Token { hash: value.hash(), ending: value.ending(), rotated_at: Some(ctx.now()), ..key };
    // The update sets only what is new, so that a last use recorded meanwhile is kept.
    let update = Update::new(row).set("hash", &key.hash)?.set("ending", &key.ending)?;
    let update = update.set("rotated_at", key.rotated_at)?.only_if(Token::not_revoked());
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    tx.update(update, AttemptError::Conflict)?;
    let rotated = NewKey::new(&key, &authorized.organization, &value);
    idempotency_key.store_response(ctx, &mut tx, &rotated).await?;
    tx.commit(audit_event(ctx, &caller.requester, &authorized, Action::KeyRotated, &key)).await?;
    Ok(Replayable::new(rotated))
}

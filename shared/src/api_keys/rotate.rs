//! Rotates an API key.

use super::notices::KeyNotice;
use super::{NewKey, audit_event, revoked_since};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::keys;
use crate::mail::KeyChange;
use crate::organizations::authorize::authorize_with_recent_proof;
use crate::organizations::rights::Right;
use crate::tokens::{GracePeriod, PlainToken, PreviousValue, Token};
use crate::values::TokenHolder;

/// A rotation of an API key.
#[derive(Clone, Debug)]
pub struct KeyRotation {
    /// The organization of the key.
    pub organization_id: OrganizationId,
    /// The number of the key.
    pub number: u32,
    /// How long the previous value is still accepted.
    pub grace: GracePeriod,
}

/// Gives an API key a new value. The previous value fails when the grace period ends, and the value before
/// that one at once. If several rotations run concurrently, each replaces the value of the one before. Scopes,
/// expiry and allowed addresses stay. A mail reports the rotation to the owner and to the caller.
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
    rotation: &KeyRotation,
) -> Result<Replayable<NewKey>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, rotation)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    rotation: &KeyRotation,
) -> Attempt<Replayable<NewKey>> {
    let KeyRotation { organization_id: id, number, grace } = rotation;
    let (number, grace) = (*number, *grace);
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
    let now = ctx.now();
    // The value that is replaced must still be the present one. Otherwise a concurrent rotation's value would be
    // refused although its grace period has not ended, and an older one accepted again.
    let unchanged = Condition::equal("hash", &key.hash)?;
    let unchanged = Condition::All(vec![Token::not_revoked(), unchanged]);
    let previous_value = PreviousValue::after_rotation(&key.hash, &key.ending, grace, now);
    let (hash, ending, rotated_at) = (value.hash(), value.ending(), Some(now));
    let key = Token { hash, ending, previous_value, rotated_at, ..key };
    // The update sets only what is new, so that a last use recorded meanwhile is kept.
    let update = Update::new(row).set("hash", &key.hash)?.set("ending", &key.ending)?;
    let update = match &key.previous_value {
        Some(previous) => update.set("previous_value", previous)?,
        None => update.remove("previous_value"),
    };
    let update = update.set("rotated_at", key.rotated_at)?.only_if(unchanged);
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    tx.update(update, AttemptError::Conflict)?;
    let rotated = NewKey::new(&key, &authorized.organization, &value, now);
    let notice = KeyNotice { authorized: &authorized, change: KeyChange::Rotated, key: &key };
    notice.queue(ctx, &mut tx, &caller.requester).await?;
    idempotency_key.store_response(ctx, &mut tx, &rotated).await?;
    let event = audit_event(ctx, &caller.requester, &authorized, Action::KeyRotated, &key);
    tx.commit(event.with_detail("grace_seconds", grace.seconds())).await?;
    Ok(Replayable::new(rotated))
}

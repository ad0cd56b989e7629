//! Undoing a change of address with the link in the notice.

use super::EmailChangeUndo;
use crate::accounts::one_time_token::OneTimeToken;
use crate::accounts::{EmailGuard, User};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;
use crate::throttle::Throttle;

/// Restores the address that the token was mailed to, and ends all sessions and tokens. Later changes of
/// the address can no longer be undone, so that an attacker cannot revert this.
///
/// # Errors
/// - [`Error::InvalidCode`] if the token is unknown, used or expired, or if the undo of an earlier change
///   covered this one.
/// - [`Error::RateLimited`] after too many requests from one network.
pub async fn undo_email_change(ctx: &Context, requester: &Requester, token: &str) -> Result<()> {
    Throttle::unauthenticated("undo-email").count_request(ctx, requester).await?;
    let token = OneTimeToken::parse(token).ok_or(Error::InvalidCode)?;
    retry_conflicts(ctx, || attempt(ctx, requester, &token)).await
}

async fn attempt(ctx: &Context, requester: &Requester, token: &OneTimeToken) -> Attempt<()> {
    let keys = [keys::user(token.user_id()), keys::email_undo(token.user_id(), &token.hash())];
    let mut found = ctx.table.batch_get(&keys).await?;
    let before: User = found.take(&keys[0])?.ok_or(Error::InvalidCode)?;
    let undo: EmailChangeUndo = found.take(&keys[1])?.ok_or(Error::InvalidCode)?;
    let now = ctx.now();
    let position = before.undoable.iter().position(|change| change.hash == undo.hash);
    let position = position.filter(|_| now < undo.expires_at).ok_or(Error::InvalidCode)?;
    let mut undoable = before.undoable.clone();
    undoable.truncate(position);
    let user = User {
        email: undo.email.clone(),
        undoable,
        session_generation: before.session_generation + 1,
        // An attacker who changed the address may have created tokens, too.
        tokens: before.tokens.clone().revoke_all(now),
        ..before.clone()
    };
    let mut tx = ctx.table.transaction();
    let user = user.store(&mut tx)?;
    let is_own = Condition::equal("user_id", &user.id)?;
    tx.put(&EmailGuard::for_user(&user), is_own.clone(), AttemptError::Conflict)?;
    // Both addresses are equal if a later change has already restored the address.
    if before.email != user.email {
        tx.delete(&keys::email_guard(&before.email), Some(is_own), AttemptError::Conflict)?;
    }
    tx.delete(&undo.key(), Some(Condition::Exists), Error::InvalidCode)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::EmailChangeUndone, &user.id)).await
}

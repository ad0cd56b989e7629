//! The old address back, by the link in the notice.

use super::Undo;
use crate::accounts::one_time::OneTimeToken;
use crate::accounts::{EmailGuard, User};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::{keys, throttle};

/// Moves the account back to the address that the token was mailed to, and ends all sessions. Later
/// changes can't be undone any more: whoever made those has no way back.
/// [`Error::InvalidCode`] for a token that is unknown, used, too old, or of a change that has been
/// undone with an earlier one.
pub async fn undo(ctx: &Context, requester: &Requester, token: &str) -> Result<()> {
    throttle::unauthenticated("undo-email").hit(ctx, requester).await?;
    let token = OneTimeToken::parse(token).ok_or(Error::InvalidCode)?;
    retry_conflicts(ctx, || attempt(ctx, requester, &token)).await
}

async fn attempt(ctx: &Context, requester: &Requester, token: &OneTimeToken) -> Result<()> {
    let keys = [keys::user(token.user_id()), keys::email_undo(token.user_id(), &token.hash())];
    let mut found = ctx.table.batch_get(&keys).await?;
    let before: User = found.take(&keys[0])?.ok_or(Error::InvalidCode)?;
    let undo: Undo = found.take(&keys[1])?.ok_or(Error::InvalidCode)?;
    let now = ctx.now();
    let position = before.undoable.iter().position(|change| change.hash == undo.hash);
    let position = position.filter(|_| now < undo.expires_at).ok_or(Error::InvalidCode)?;
    let mut undoable = before.undoable.clone();
    undoable.truncate(position);
    let user = User {
        email: undo.email.clone(),
        undoable,
        session_generation: before.session_generation + 1,
        // Whoever changed the address may have made tokens, too.
        tokens: before.tokens.clone().revoke_all(now),
        ..before.clone()
    };
    let mut tx = ctx.table.transaction();
    let user = user.store(&mut tx)?;
    let mine = Condition::equal("user_id", &user.id)?;
    tx.put(&EmailGuard::of(&user), mine.clone(), Error::Conflict)?;
    // It may be the same address again, by another change.
    if before.email != user.email {
        tx.delete(&keys::email(&before.email), Some(mine), Error::Conflict)?;
    }
    tx.delete(&undo.key(), Some(Condition::Exists), Error::InvalidCode)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::EmailChangeUndone, &user.id)).await
}

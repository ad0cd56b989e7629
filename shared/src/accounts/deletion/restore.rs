//! Having a deleted account back.

use super::Erasure;
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Condition, Record, retry_from};
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{Authenticated, read_again};

/// The account isn't erased any more, and works as before; sessions from before stay ended. Where it
/// wasn't going to be erased, nothing changes: whoever asks twice gets the same answer.
/// [`Error::InvalidSession`] from the moment on at which it is due.
pub async fn restore(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
) -> Result<User> {
    let attempt = |before: User| attempt(ctx, requester, before);
    let first = signed_in.user.clone();
    retry_from(ctx, first, || read_again(ctx, signed_in), attempt).await
}

async fn attempt(ctx: &Context, requester: &Requester, before: User) -> Result<User> {
    let Some(deletion) = &before.deletion else { return Ok(before) };
    let erasure = Erasure { user_id: before.id.clone(), due_at: deletion.due_at };
    let mut tx = ctx.table.transaction();
    let user = User { deletion: None, ..before }.store(&mut tx)?;
    let not_due = Condition::greater("due_at", ctx.now())?;
    tx.delete(&erasure.key(), Some(not_due), Error::InvalidSession)?;
    let keyring = ctx.secrets.keyring().await;
    let message = Message::account_restored(ctx, requester, &user);
    mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::Restored, &user.id)).await?;
    Ok(user)
}

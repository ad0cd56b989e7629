//! Restoring a deleted account.

use super::Erasure;
use crate::accounts::User;
use crate::accounts::queue_security_notice;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, Condition, Record, retry_from};
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::mail::Message;
use crate::requester::Requester;
use crate::sessions::{AuthenticatedSession, reload_user};

/// Cancels the erasure of an account. Sessions and tokens from before the deletion stay ended. If no erasure
/// is scheduled, nothing changes, so the call is idempotent.
///
/// # Errors
/// - [`Error::InvalidSession`] if the erasure is due, or the session has ended.
/// - [`Error::AccountSuspended`] if an operator has suspended the account.
pub async fn restore_account(ctx: &Context, signed_in: &AuthenticatedSession) -> Result<User> {
    let attempt = |before: User| attempt(ctx, &signed_in.requester, before);
    let first = signed_in.user.clone();
    retry_from(ctx, first, || reload_user(ctx, signed_in), attempt).await
}

async fn attempt(ctx: &Context, requester: &Requester, before: User) -> Attempt<User> {
    before.require_not_suspended()?;
    let Some(deletion) = &before.deletion else { return Ok(before) };
    let erasure = Erasure { user_id: before.id.clone(), due_at: deletion.due_at };
    let mut tx = ctx.table.transaction();
    let user = User { deletion: None, ..before }.store(&mut tx)?;
    let not_due = Condition::greater("due_at", ctx.now())?;
    tx.delete(&erasure.key(), Some(not_due), Error::InvalidSession)?;
    // The keys of the user's organizations work again once the job has run.
    Job::SyncOwnerDeletion { user_id: user.id.clone() }.requeue(&mut tx)?;
    let keyring = ctx.secrets.keyring().await;
    let message = Message::account_restored(ctx, requester, &user);
    queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::Restored, &user.id)).await?;
    Ok(user)
}

//! Canceling a reset of the second factor by an operator.

use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::mail::Message;
use crate::support_case::SupportCase;

/// Cancels the reset that waits, and mails the owner. Returns whether one waited.
///
/// Does nothing if none waits, such as after it has taken effect, or if the account is being erased: its reset takes no
/// effect anymore.
///
/// # Errors
/// `NotFound` if there is no such account, `Contention` if concurrent changes kept interfering.
pub async fn cancel_two_factor_reset(
    ctx: &Context,
    id: &UserId,
    case: &SupportCase,
) -> Result<bool> {
    retry_conflicts(ctx, || attempt(ctx, id, case)).await
}

async fn attempt(ctx: &Context, id: &UserId, case: &SupportCase) -> Attempt<bool> {
    let user: User = ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)?;
    if user.two_factor_reset.is_none() || user.is_past_grace_period(ctx.now()) {
        return Ok(false);
    }
    let mut tx = ctx.table.transaction();
    let user = User { two_factor_reset: None, ..user }.store(&mut tx)?;
    let message = Message::two_factor_reset_stopped_by_support(ctx, &user);
    queue_security_notice(ctx, &*ctx.secrets.keyring().await, &mut tx, &user, message)?;
    let scope = AuditScope::User(id.clone());
    let action = Action::TwoFactorResetCanceled;
    tx.commit(AuditEvent::for_support(ctx, &scope, case, action)).await?;
    Ok(true)
}

//! Canceling a reset of the second factor by an operator.

use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::support_case::SupportCase;

/// Cancels the reset that waits. Does nothing if none waits, such as after it has taken effect.
///
/// # Errors
/// `NotFound` if there is no such account, `Contention` if concurrent changes kept interfering.
pub async fn cancel_two_factor_reset(ctx: &Context, id: &UserId, case: &SupportCase) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, id, case)).await
}

async fn attempt(ctx: &Context, id: &UserId, case: &SupportCase) -> Attempt<()> {
    let user: User = ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)?;
    if user.two_factor_reset.is_none() {
        return Ok(());
    }
    let mut tx = ctx.table.transaction();
    User { two_factor_reset: None, ..user }.store(&mut tx)?;
    let scope = AuditScope::User(id.clone());
    let action = Action::TwoFactorResetCanceled;
    tx.commit(AuditEvent::for_support(ctx, &scope, case, action)).await
}

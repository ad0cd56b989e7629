//! Stopping a waiting reset of the second factor, within another change of the account.

use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::mail::{Message, ResetStopMethod};
use crate::requester::Requester;

/// Stops a waiting reset of a person who has just secured or proven their account. Adds a mail to the account's
/// address and the event for its log to `tx`. Returns whether a reset waited, and costs nothing if none did. The caller
/// stores the user in `tx`, on the condition that it is unchanged since it was read. So each stop sends one mail.
///
/// # Errors
/// An internal error if the event cannot be serialized, or the mail cannot be serialized or encrypted.
pub(in crate::accounts) async fn stop_waiting_reset(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &mut User,
    method: ResetStopMethod,
) -> Result<bool> {
    if user.two_factor_reset.take().is_none() {
        return Ok(false);
    }
    let message = Message::two_factor_reset_stopped(ctx, requester, user, method);
    queue_security_notice(ctx, &*ctx.secrets.keyring().await, tx, user, message)?;
    let action = Action::TwoFactorResetCanceled;
    tx.put_new(&AuditEvent::for_account(ctx, requester, action, &user.id))?;
    Ok(true)
}

//! Resetting the second factor of an owner who has lost it. An operator requests it, and it takes effect a day later,
//! so that the owner can stop a reset that another person asked support for. `docs/decisions/operators.md` gives the
//! reasons.

pub mod apply;
pub mod cancel;
pub mod request;
pub mod stop;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::mail::{Message, ResetStopMethod};
use crate::requester::Requester;
use crate::support_case::SupportCase;

/// Time between the request of a reset and its effect. The owner can stop it meanwhile.
pub const TWO_FACTOR_RESET_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A requested reset of the second factor that has not taken effect, stored with the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingTwoFactorReset {
    /// When an operator requested it.
    pub requested_at: Timestamp,
    /// When it takes effect, at the next hourly run of the worker.
    pub due_at: Timestamp,
    /// The operator who requested it, and why. Only operators see it.
    pub case: SupportCase,
}

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

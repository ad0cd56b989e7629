//! Resetting the second factor of an owner who has lost it. An operator requests it, and it takes effect a day later,
//! so that the owner can stop a reset that another person asked support for. `docs/decisions/operators.md` gives the
//! reasons.

pub mod apply;
pub mod cancel;
pub mod request;
pub mod stop;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
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

/// Stops a waiting reset of a person who has just used the second factor or a passkey. Returns the event for the log,
/// or `None` if no reset waits. The caller stores the user, on the condition that it is unchanged since it was read.
pub(in crate::accounts) fn stop_waiting_reset(
    ctx: &Context,
    requester: &Requester,
    user: &mut User,
) -> Option<AuditEvent> {
    user.two_factor_reset.take()?;
    let action = Action::TwoFactorResetCanceled;
    Some(AuditEvent::for_account(ctx, requester, action, &user.id))
}

//! Resetting the second factor of an owner who has lost it. An operator requests it, and it takes effect a day later,
//! so that the owner can stop a reset that another person asked support for. `docs/decisions/operators.md` gives the
//! reasons.

pub mod apply;
pub mod cancel;
pub mod request;
pub mod stop;
mod stop_waiting;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(in crate::accounts) use stop_waiting::stop_waiting_reset;

use crate::clock::Timestamp;
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

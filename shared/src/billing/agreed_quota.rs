//! A monthly quota that operators agree on with an organization.

use serde::{Deserialize, Serialize};

use super::Plan;

/// The credits per month that are agreed on with an organization while it is on one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedQuota {
    /// The plan for which the quota was agreed on. On another plan it does not count.
    pub plan: Plan,
    /// The credits per month, in place of those of the plan.
    pub credits: u32,
}

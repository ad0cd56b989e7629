//! Operations that operators of the service run for customers. Each of them names its
//! [`SupportCase`](crate::support_case) in the activity log of the account or the organization, where it is shown as
//! "support". `docs/decisions/operators.md` gives the reasons.

pub mod adjust_credits;
pub mod end_sessions;
pub mod record_view;
pub mod set_agreed_plan;
pub mod set_agreed_quota;
pub mod set_switch;
pub mod show_account;
pub mod show_organization;
pub mod subject;
pub mod suspend_account;
pub mod suspend_organization;

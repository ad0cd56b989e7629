//! The actions, one file each. A file has the parameters of its action, unless several actions share them, and calls
//! the operation.

mod cancel_two_factor_reset;
mod conversions;
mod end_sessions;
mod erase_now;
mod erase_organization_now;
mod find;
mod grant_credits;
mod lift_lock;
mod resend_code;
mod reset_two_factor;
mod set_agreed_plan;
mod set_agreed_quota;
mod set_switch;
mod show;
mod subject_params;
mod suspend;
mod unsuspend;
mod user_params;

use serde::Deserialize;
use serde_json::Value;
use shared::context::Context;
use shared::error::Result;
use shared::support_case::SupportCase;

use subject_params::SubjectParams;
use user_params::UserParams;

/// An action with its parameters.
#[derive(Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub(crate) enum Action {
    Find(find::Params),
    Show(SubjectParams),
    ResendCode(UserParams),
    LiftLock(lift_lock::Params),
    ResetTwoFactor(UserParams),
    CancelTwoFactorReset(UserParams),
    EndSessions(end_sessions::Params),
    Suspend(SubjectParams),
    Unsuspend(SubjectParams),
    GrantCredits(grant_credits::Params),
    SetAgreedPlan(set_agreed_plan::Params),
    SetAgreedQuota(set_agreed_quota::Params),
    EraseNow(erase_now::Params),
    EraseOrganizationNow(erase_organization_now::Params),
    SetSwitch(set_switch::Params),
}

impl Action {
    /// Runs the action.
    ///
    /// # Errors
    /// The errors of the operation.
    pub(crate) async fn run(self, ctx: &Context, case: &SupportCase) -> Result<Value> {
        // Boxed, because the futures of some actions are large.
        match self {
            Self::Find(params) => Box::pin(find::run(ctx, case, params)).await,
            Self::Show(params) => Box::pin(show::run(ctx, case, params)).await,
            Self::ResendCode(params) => Box::pin(resend_code::run(ctx, case, params)).await,
            Self::LiftLock(params) => Box::pin(lift_lock::run(ctx, case, params)).await,
            Self::ResetTwoFactor(params) => {
                Box::pin(reset_two_factor::run(ctx, case, params)).await
            }
            Self::CancelTwoFactorReset(params) => {
                Box::pin(cancel_two_factor_reset::run(ctx, case, params)).await
            }
            Self::EndSessions(params) => Box::pin(end_sessions::run(ctx, case, params)).await,
            Self::Suspend(params) => Box::pin(suspend::run(ctx, case, params)).await,
            Self::Unsuspend(params) => Box::pin(unsuspend::run(ctx, case, params)).await,
            Self::GrantCredits(params) => Box::pin(grant_credits::run(ctx, case, params)).await,
            Self::SetAgreedPlan(params) => Box::pin(set_agreed_plan::run(ctx, case, params)).await,
            Self::SetAgreedQuota(params) => {
                Box::pin(set_agreed_quota::run(ctx, case, params)).await
            }
            Self::EraseNow(params) => Box::pin(erase_now::run(ctx, case, params)).await,
            Self::EraseOrganizationNow(params) => {
                Box::pin(erase_organization_now::run(ctx, case, params)).await
            }
            Self::SetSwitch(params) => Box::pin(set_switch::run(ctx, case, params)).await,
        }
    }
}

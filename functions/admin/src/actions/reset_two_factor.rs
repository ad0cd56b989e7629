//! `reset_two_factor`: requests a reset of an account's second factor.

use serde_json::Value;
use shared::accounts::two_factor::reset::request::request_two_factor_reset;
use shared::context::Context;
use shared::error::Result;
use shared::support_case::SupportCase;

use super::conversions::to_json;
use super::user_params::UserParams;

/// Runs the action.
///
/// # Errors
/// `InvalidField` if the id is malformed. Otherwise the errors of [`request_two_factor_reset`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: UserParams) -> Result<Value> {
    let user_id = params.user_id()?;
    to_json(request_two_factor_reset(ctx, &user_id, case).await?)
}

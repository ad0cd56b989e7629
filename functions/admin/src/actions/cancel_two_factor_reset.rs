//! `cancel_two_factor_reset`: cancels a reset of the second factor that has not taken effect.

use serde_json::{Value, json};
use shared::accounts::two_factor::reset::cancel::cancel_two_factor_reset;
use shared::context::Context;
use shared::error::Result;
use shared::support_case::SupportCase;

use super::user_params::UserParams;

/// Runs the action. `canceled` says whether a reset waited.
///
/// # Errors
/// `InvalidField` if the id is malformed. Otherwise the errors of [`cancel_two_factor_reset`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: UserParams) -> Result<Value> {
    let user_id = params.user_id()?;
    let canceled = cancel_two_factor_reset(ctx, &user_id, case).await?;
    Ok(json!({"user_id": user_id, "canceled": canceled}))
}

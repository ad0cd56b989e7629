//! `resend_code`: mails an account the code that it needs.

use serde_json::{Value, json};
use shared::accounts::resend_code::resend_code;
use shared::context::Context;
use shared::error::Result;
use shared::support_case::SupportCase;

use super::user_params::UserParams;

/// Runs the action.
///
/// # Errors
/// `InvalidField` if a parameter is malformed. Otherwise the errors of [`resend_code`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: UserParams) -> Result<Value> {
    let user_id = params.user_id()?;
    let purpose = resend_code(ctx, &user_id, case).await?;
    Ok(json!({"user_id": user_id, "purpose": purpose.as_str()}))
}

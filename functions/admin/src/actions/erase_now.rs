//! `erase_now`: erases an account at once.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::accounts::deletion::erase_now::erase_now;
use shared::context::Context;
use shared::error::Result;
use shared::ids::UserId;
use shared::support_case::SupportCase;
use shared::values::EmailAddress;

use super::conversions::parse_id;

/// Parameters of `erase_now`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of the account that is erased.
    user_id: String,
    /// The account's address, as a confirmation.
    confirm: String,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField`, `Missing` or `InvalidEmail` if a parameter is malformed. Otherwise the errors of [`erase_now`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let user_id: UserId = parse_id("user_id", &params.user_id)?;
    let confirm = EmailAddress::parse(&params.confirm)?;
    erase_now(ctx, &user_id, &confirm, case).await?;
    Ok(json!({"user_id": user_id, "erasing": true}))
}

//! `end_sessions`: ends all sessions of an account.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::context::Context;
use shared::error::Result;
use shared::ids::UserId;
use shared::operators::end_sessions::end_sessions;
use shared::support_case::SupportCase;

use super::conversions::parse_id;

/// Parameters of `end_sessions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of the account whose sessions end.
    user_id: String,
    /// Whether the personal tokens end as well.
    #[serde(default)]
    tokens: bool,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField` if a parameter is malformed. Otherwise the errors of [`end_sessions`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let user_id: UserId = parse_id("user_id", &params.user_id)?;
    end_sessions(ctx, &user_id, params.tokens, case).await?;
    Ok(json!({"user_id": user_id, "sessions_ended": true, "tokens_ended": params.tokens}))
}

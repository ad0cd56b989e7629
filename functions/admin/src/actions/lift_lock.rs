//! `lift_lock`: lifts the delays after failed sign-ins.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::accounts::lift_lock::lift_lock;
use shared::context::Context;
use shared::error::Result;
use shared::ids::UserId;
use shared::support_case::SupportCase;

use super::conversions::parse_id;

/// Parameters of `lift_lock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of the account that may sign in again.
    user_id: String,
    /// The owner's network address. If present, the delay of its network is lifted as well.
    #[serde(default)]
    ip: Option<IpAddr>,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField` if a parameter is malformed. Otherwise the errors of [`lift_lock`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let user_id: UserId = parse_id("user_id", &params.user_id)?;
    lift_lock(ctx, &user_id, params.ip, case).await?;
    Ok(json!({"user_id": user_id, "lifted": true}))
}

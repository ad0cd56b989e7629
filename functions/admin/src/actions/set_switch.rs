//! `set_switch`: switches a feature on or off.

use serde::Deserialize;
use serde_json::Value;
use shared::context::Context;
use shared::error::Result;
use shared::operators::set_switch::set_switch;
use shared::support_case::SupportCase;
use shared::switches::Feature;

use super::conversions::to_json;

/// Parameters of `set_switch`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The feature that is switched on or off.
    feature: Feature,
    on: bool,
}

/// Runs the action.
///
/// # Errors
/// The errors of [`set_switch`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    to_json(set_switch(ctx, params.feature, params.on, case).await?)
}

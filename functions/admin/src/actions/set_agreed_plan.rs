//! `set_agreed_plan`: puts an organization on an agreed plan.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::billing::Plan;
use shared::context::Context;
use shared::error::Result;
use shared::ids::OrganizationId;
use shared::operators::set_agreed_plan::set_agreed_plan;
use shared::support_case::SupportCase;

use super::conversions::parse_id;

/// Parameters of `set_agreed_plan`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of the organization that gets the plan.
    client_id: String,
    /// The plan that was agreed with the organization.
    plan: Plan,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField` if a parameter is malformed. Otherwise the errors of [`set_agreed_plan`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let client_id: OrganizationId = parse_id("client_id", &params.client_id)?;
    let organization = set_agreed_plan(ctx, &client_id, params.plan, case).await?;
    Ok(json!({"client_id": organization.id, "plan": organization.plan}))
}

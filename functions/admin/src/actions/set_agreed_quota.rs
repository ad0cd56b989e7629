//! `set_agreed_quota`: sets the monthly quota that is agreed on with an organization.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::context::Context;
use shared::error::Result;
use shared::ids::OrganizationId;
use shared::operators::set_agreed_quota::set_agreed_quota;
use shared::support_case::SupportCase;

use super::conversions::parse_id;

/// Parameters of `set_agreed_quota`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of the organization that gets the quota.
    client_id: String,
    /// The credits per month. Null, which must be sent, ends the agreement.
    #[serde(deserialize_with = "Option::deserialize")]
    credits: Option<u32>,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField` if the id is malformed. Otherwise the errors of [`set_agreed_quota`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let client_id: OrganizationId = parse_id("client_id", &params.client_id)?;
    let organization = set_agreed_quota(ctx, &client_id, params.credits, case).await?;
    Ok(json!({"client_id": organization.id, "agreed_quota": organization.agreed_quota}))
}

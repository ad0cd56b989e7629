//! `erase_organization_now`: erases an organization at once.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::context::Context;
use shared::error::Result;
use shared::ids::OrganizationId;
use shared::organizations::erase_now::erase_now;
use shared::support_case::SupportCase;

use super::conversions::parse_id;

/// Parameters of `erase_organization_now`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The id of the organization that is erased.
    client_id: String,
    /// The organization's name, as a confirmation.
    confirm: String,
}

/// Runs the action.
///
/// # Errors
/// `InvalidField` if the id is malformed. Otherwise the errors of [`erase_now`].
pub(super) async fn run(ctx: &Context, case: &SupportCase, params: Params) -> Result<Value> {
    let client_id: OrganizationId = parse_id("client_id", &params.client_id)?;
    erase_now(ctx, &client_id, &params.confirm, case).await?;
    Ok(json!({"client_id": client_id, "erasing": true}))
}

//! `GET /v1/clients/{client_id}/usage`

use axum::Json;
use axum::extract::State;
use shared::billing::usage::{self, UsageView};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;

/// Get an organization's usage
///
/// Returns the current numbers of projects and members, and the credits and runs of this calendar
/// month (UTC), each with the limit of the plan. All members and the organization's keys may
/// call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/usage",
    tag = "Activity",
    security(("session" = []), ("bearer" = ["clients:read"])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = UsageView, description = "The usage of the organization"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_client_usage(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
) -> http::Result<Json<UsageView>> {
    Ok(Json(usage::read_usage(&ctx, &caller, &id).await?))
}

//! `GET /v1/clients/{client_id}`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::OrganizationId;
use shared::organizations::OrganizationView;
use shared::organizations::read::read;

/// Get an organization
///
/// Returns an organization with its plan, its number of members and the role of the caller. All
/// members and API keys may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}",
    tag = "Organizations",
    security(("session" = []), ("bearer" = ["clients:read"])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = OrganizationView, description = "The organization, as the caller sees it"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_client(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
) -> http::Result<Json<OrganizationView>> {
    Ok(Json(read(&ctx, &caller, &id).await?))
}

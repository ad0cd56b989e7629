//! `POST /v1/clients/{client_id}/leave`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::http::openapi::{OrganizationSessionErrors, Unavailable};
use shared::http::{self, ErrorBody, Id, SessionCaller};
use shared::ids::OrganizationId;
use shared::organizations::members::leave::leave;
use utoipa::ToSchema;

/// Confirmation that the caller left the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationLeft)]
pub(crate) struct ResponseBody {
    /// Whether the caller has left the organization; always `true`.
    left: bool,
}

/// Leave an organization
///
/// Ends the caller's membership. The owner cannot leave, and an API key has no membership to end.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/leave",
    tag = "Members",
    security(("session" = [])),
    params(("client_id" = String, Path, description = "The organization's id")),
    responses(
        (status = 200, body = ResponseBody, description = "The caller is no longer a member"),
        OrganizationSessionErrors,
        (status = 409, body = ErrorBody, description = "`OWNS_CLIENTS`: the caller is the owner; transfer or delete the organization first"),
        Unavailable,
    )
)]
pub(crate) async fn leave_client(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(id): Id<OrganizationId>,
) -> http::Result<Json<ResponseBody>> {
    leave(&ctx, &caller, &id).await?;
    Ok(Json(ResponseBody { left: true }))
}

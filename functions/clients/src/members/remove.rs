//! `DELETE /v1/clients/{client_id}/members/{user_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::http::openapi::{OrganizationRecentProofErrors, Unavailable};
use shared::http::{self, ErrorBody, Ids, SessionCaller};
use shared::ids::{OrganizationId, UserId};
use shared::organizations::members::remove::remove;
use utoipa::ToSchema;

/// Confirmation that the member was removed.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberRemoved)]
pub(crate) struct ResponseBody {
    /// Whether the member was removed; always `true`.
    deleted: bool,
}

/// Remove a member
///
/// Ends a user's membership, and their tokens stop working in the organization. Everything they
/// created stays, including API keys. Only the owner and admins may call this. The owner cannot be
/// removed.
#[utoipa::path(
    delete,
    path = "/v1/clients/{client_id}/members/{user_id}",
    tag = "Members",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("user_id" = String, Path, description = "The member's id"),
    ),
    responses(
        (status = 200, body = ResponseBody, description = "The member was removed"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`OWNS_CLIENTS`: the caller is the owner; transfer the organization first"),
        Unavailable,
    )
)]
pub(crate) async fn remove_member(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Ids(id, user): Ids<OrganizationId, UserId>,
) -> http::Result<Json<ResponseBody>> {
    remove(&ctx, &caller, &id, &user).await?;
    Ok(Json(ResponseBody { deleted: true }))
}

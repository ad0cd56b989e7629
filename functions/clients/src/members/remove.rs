//! `DELETE /v1/clients/{client_id}/members/{user_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Ids};
use shared::ids::{OrganizationId, UserId};
use shared::organizations::members::remove::remove;
use shared::requester::Requester;
use utoipa::ToSchema;

/// They belong to the client no more.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberRemoved)]
pub(crate) struct Answer {
    /// True.
    deleted: bool,
}

/// Remove a member
///
/// For its owner and admins. The person's tokens work in it no more; what they made for it stays, its keys
/// among it. The owner can't be removed.
#[utoipa::path(
    delete,
    path = "/v1/clients/{client_id}/members/{user_id}",
    tag = "Members",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("user_id" = String, Path, description = "The member's id"),
    ),
    responses(
        (status = 200, body = Answer, description = "Removed"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`OWNS_CLIENTS`: the owner; transfer the client first"),
        Unavailable,
    )
)]
pub(crate) async fn remove_member(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Ids(id, user): Ids<OrganizationId, UserId>,
) -> http::Result<Json<Answer>> {
    remove(&ctx, &requester, &credential, &id, &user).await?;
    Ok(Json(Answer { deleted: true }))
}

//! `PATCH /v1/clients/{client_id}/members/{user_id}`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OrganizationRecentProofErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, IdempotentBody, Ids, SessionCaller};
use shared::ids::{OrganizationId, UserId};
use shared::organizations::AssignableRole;
use shared::organizations::members::MemberView;
use shared::organizations::members::change_role::change_role;
use utoipa::ToSchema;

/// Parameters for changing a member's role.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeRole)]
pub(crate) struct Request {
    /// The new role. To change the owner, transfer the organization.
    role: AssignableRole,
}

/// Change a member's role
///
/// Changes the role of a member. Only the owner and admins may call this. The owner's role cannot
/// be changed.
#[utoipa::path(
    patch,
    path = "/v1/clients/{client_id}/members/{user_id}",
    tag = "Members",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("user_id" = String, Path, description = "The member's id"),
    ),
    request_body = Request,
    responses(
        (status = 200, body = MemberView, description = "The updated member"),
        (status = 400, body = ErrorBody, description = "`MISSING_ROLE`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`OWNS_CLIENTS`: the caller is the owner; transfer the organization first"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn change_member_role(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Ids(id, user): Ids<OrganizationId, UserId>,
    input: CallerBody<Request>,
) -> http::Result<Json<MemberView>> {
    let IdempotentBody { body: role, .. } = input.parse(|body| Ok(body.role)).await?;
    Ok(Json(change_role(&ctx, &caller, &id, &user, role).await?))
}

//! `DELETE /v1/clients/{client_id}/invitations/{invitation_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::context::Context;
use shared::http::openapi::{OrganizationSessionErrors, Unavailable};
use shared::http::{self, Ids, SessionCaller};
use shared::ids::{InvitationId, OrganizationId};
use shared::organizations::invitations::revoke::revoke;
use utoipa::ToSchema;

/// Confirmation that the invitation was revoked.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitationRevoked)]
pub(crate) struct ResponseBody {
    /// Whether the invitation was revoked; always `true`.
    deleted: bool,
}

/// Revoke an invitation
///
/// Ends the invitation, so that the mailed link stops working. Only the owner and admins may
/// call this.
#[utoipa::path(
    delete,
    path = "/v1/clients/{client_id}/invitations/{invitation_id}",
    tag = "Members",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("invitation_id" = String, Path, description = "The invitation's id"),
    ),
    responses(
        (status = 200, body = ResponseBody, description = "The invitation was revoked"),
        OrganizationSessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn revoke_invitation(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Ids(organization, id): Ids<OrganizationId, InvitationId>,
) -> http::Result<Json<ResponseBody>> {
    revoke(&ctx, &caller, &organization, &id).await?;
    Ok(Json(ResponseBody { deleted: true }))
}

//! `DELETE /v1/clients/{client_id}/invitations/{invitation_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::clients::invitations::revoke::revoke;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{ClientErrors, Unavailable};
use shared::http::{self, Ids};
use shared::ids::{ClientId, InvitationId};
use shared::requester::Requester;
use utoipa::ToSchema;

/// The invitation is void.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitationRevoked)]
pub(crate) struct Answer {
    /// True.
    deleted: bool,
}

/// Revoke an invitation
///
/// For the client's owner and admins. The link that was mailed is void.
#[utoipa::path(
    delete,
    path = "/v1/clients/{client_id}/invitations/{invitation_id}",
    tag = "Members",
    security(("session" = []), ("bearer" = [])),
    params(
        ("client_id" = String, Path, description = "The client's id"),
        ("invitation_id" = String, Path, description = "The invitation's id"),
    ),
    responses(
        (status = 200, body = Answer, description = "Revoked"),
        ClientErrors,
        Unavailable,
    )
)]
pub(crate) async fn revoke_invitation(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Ids(client, id): Ids<ClientId, InvitationId>,
) -> http::Result<Json<Answer>> {
    revoke(&ctx, &requester, &credential, &client, &id).await?;
    Ok(Json(Answer { deleted: true }))
}

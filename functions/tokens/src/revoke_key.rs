//! `POST /v1/clients/{client_id}/api-keys/{key_id}/revoke`

use axum::Json;
use axum::extract::State;
use shared::api_keys::revoke::revoke;
use shared::context::Context;
use shared::http::openapi::{OrganizationSessionErrors, Unavailable};
use shared::http::{self, Ids, SessionCaller};
use shared::ids::OrganizationId;
use shared::tokens::revoke::RevokedToken;

/// Revoke an API key
///
/// Revokes an API key, so that it is refused from then on. Revoking it again returns the same
/// response. Only the owner and admins may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/api-keys/{key_id}/revoke",
    tag = "Keys",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("key_id" = u32, Path, description = "The number of the API key"),
    ),
    responses(
        (status = 200, body = RevokedToken, description = "The API key is revoked"),
        OrganizationSessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn revoke_key(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Ids(organization, number): Ids<OrganizationId, u32>,
) -> http::Result<Json<RevokedToken>> {
    Ok(Json(revoke(&ctx, &caller, &organization, number).await?))
}

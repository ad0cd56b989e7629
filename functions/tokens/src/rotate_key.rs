//! `POST /v1/clients/{client_id}/api-keys/{key_id}/rotate`

use axum::extract::State;
use axum::response::Response;
use shared::api_keys::NewKey;
use shared::api_keys::rotate::rotate;
use shared::context::Context;
use shared::http::openapi::{OrganizationRecentProofErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, Ids, NoBody, SessionCaller, idempotent_response};
use shared::ids::OrganizationId;

/// Rotate an API key
///
/// Gives an API key a new value; the previous one is refused at once. Store the new value, which is
/// shown only in this response. Only the owner and admins may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/api-keys/{key_id}/rotate",
    tag = "Keys",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("key_id" = u32, Path, description = "The number of the API key"),
        IdempotencyKeyHeader,
    ),
    responses(
        (status = 200, body = NewKey, description = "The API key with its new value"),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`: the `Idempotency-Key` is malformed"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        Unavailable,
    )
)]
pub(crate) async fn rotate_key(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Ids(organization, number): Ids<OrganizationId, u32>,
    input: NoBody,
) -> http::Result<Response> {
    let idempotency_key = input.idempotency_key().await?;
    Ok(idempotent_response(rotate(&ctx, &caller, &idempotency_key, &organization, number).await?))
}

//! `POST /v1/clients/{client_id}/api-keys/{key_id}/rotate`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::api_keys::NewKey;
use shared::api_keys::rotate::{KeyRotation, rotate};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OrganizationRecentProofErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, ErrorBody, IdempotentBody, Ids, OptionalCallerBody, SessionCaller, idempotent_response,
};
use shared::ids::OrganizationId;
use shared::tokens::GracePeriod;
use utoipa::ToSchema;

/// Parameters for rotating an API key.
#[derive(Deserialize, ToSchema)]
#[schema(as = RotateKey)]
pub(crate) struct Request {
    /// For how many seconds the previous value is still accepted, at most 7 days. Without it, the previous value is
    /// refused at once.
    #[schema(example = 3600, minimum = 0, maximum = 604_800)]
    grace_seconds: Option<i64>,
}

/// Rotate an API key
///
/// Gives an API key a new value; the previous one is refused at once, or after `grace_seconds`. A value that an
/// earlier rotation left valid is refused at once. Scopes, expiry and `allowed_ips` stay. Store the new value, which
/// is shown only in this response. Only the owner and admins may call this.
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
    request_body = Option<Request>,
    responses(
        (status = 200, body = NewKey, description = "The API key with its new value"),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn rotate_key(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Ids(organization_id, number): Ids<OrganizationId, u32>,
    OptionalCallerBody(input): OptionalCallerBody<Request>,
) -> http::Result<Response> {
    let grace = |body: Request| GracePeriod::from_seconds(body.grace_seconds);
    let IdempotentBody { body: grace, idempotency_key } = input.parse(grace).await?;
    let rotation = KeyRotation { organization_id, number, grace };
    Ok(idempotent_response(rotate(&ctx, &caller, &idempotency_key, &rotation).await?))
}

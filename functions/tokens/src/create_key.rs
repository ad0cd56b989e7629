//! `POST /v1/clients/{client_id}/api-keys`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::api_keys::NewKey;
use shared::api_keys::create::create;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OrganizationRecentProofErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, Id, IdempotentBody, SessionCaller, idempotent_response,
};
use shared::ids::OrganizationId;
use shared::values::Name;
use utoipa::ToSchema;

/// Parameters for creating an API key.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateKey)]
pub(crate) struct Request {
    /// The name of the API key, on one line.
    #[schema(example = "production", max_length = 100)]
    name: String,
}

/// Create an API key
///
/// Creates a bearer token that acts as the organization itself, with the rights of a member, and
/// stays valid when its creator leaves. Store its value, which is shown only in this response. Only
/// the owner and admins may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/api-keys",
    tag = "Keys",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = NewKey, description = "The API key was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn create_key(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(organization_id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: name, idempotency_key } =
        input.parse(|body| Name::parse(&body.name)).await?;
    Ok(idempotent_response(create(&ctx, &caller, &idempotency_key, &organization_id, &name).await?))
}

//! `POST /v1/clients`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, CredentialErrors, ThrottleErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, CallerBody, ErrorBody, IdempotentBody, idempotent_response};
use shared::organizations::create::{CreatedOrganization, create};
use shared::values::Name;
use utoipa::ToSchema;

/// Parameters for creating an organization.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateOrganization)]
pub(crate) struct Request {
    /// The name of the organization, on one line.
    #[schema(example = "Acme Corp", max_length = 100)]
    name: String,
}

/// Create an organization
///
/// Creates an organization on the free plan. The caller becomes its owner. An account can create at
/// most 60 organizations an hour.
#[utoipa::path(
    post,
    path = "/v1/clients",
    tag = "Organizations",
    security(("session" = []), ("bearer" = ["clients:write"])),
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (status = 200, body = CreatedOrganization, description = "The organization was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        CredentialErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn create_client(
    State(ctx): State<Context>,
    caller: Caller,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: name, idempotency_key } =
        input.parse(|body| Name::parse(&body.name)).await?;
    Ok(idempotent_response(create(&ctx, &caller, &idempotency_key, &name).await?))
}

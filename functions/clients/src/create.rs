//! `POST /v1/clients`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, CredentialErrors, Throttled, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, CallerBody, ErrorBody, IdempotentBody, idempotent_response};
use shared::organizations::create::{CreatedOrganization, create};
use shared::values::Name;
use utoipa::ToSchema;

/// The client to create.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateClient)]
pub(crate) struct Request {
    /// The name, on one line.
    #[schema(example = "Acme Corp", max_length = 100)]
    name: String,
}

/// Create a client
///
/// The caller becomes its owner. The client starts on the free plan.
#[utoipa::path(
    post,
    path = "/v1/clients",
    tag = "Clients",
    security(("session" = []), ("bearer" = [])),
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (status = 200, body = CreatedOrganization, description = "Created"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        CredentialErrors,
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        Throttled,
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

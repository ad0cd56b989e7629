//! `POST /v1/tokens/revoke`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, SessionErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, IdempotentBody, SessionCaller};
use shared::tokens::revoke::{RevokedToken, revoke};
use utoipa::ToSchema;

/// Parameters for revoking a personal token.
#[derive(Deserialize, ToSchema)]
#[schema(as = RevokeToken)]
pub(crate) struct Request {
    /// The number of the token, from `GET /v1/tokens`.
    #[schema(example = 42)]
    id: i64,
}

/// Revoke a token
///
/// Revokes a personal token, so that it is refused from then on. Revoking it again returns the same response.
#[utoipa::path(
    post,
    path = "/v1/tokens/revoke",
    tag = "Tokens",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = RevokedToken, description = "The token is revoked"),
        (status = 400, body = ErrorBody, description = "`MISSING_ID`, `INVALID_FIELD`, `INVALID_JSON`"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: the caller has no token with this number"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn revoke_token(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    input: CallerBody<Request>,
) -> http::Result<Json<RevokedToken>> {
    // A number outside the range of token ids belongs to no token.
    let number = |body: Request| u32::try_from(body.id).map_err(|_| Error::NotFound);
    let IdempotentBody { body: number, .. } = input.parse(number).await?;
    Ok(Json(revoke(&ctx, &caller, number).await?))
}

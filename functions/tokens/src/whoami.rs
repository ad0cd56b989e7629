//! `GET /v1/token`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::http::openapi::{CredentialErrors, Unavailable};
use shared::http::{self, BearerCaller};
use shared::tokens::whoami::{BearerView, whoami};

/// Get the current token
///
/// Returns the account or organization that the token acts as, and the organizations that it can
/// access. Requires the `Authorization` header; a session cookie is ignored.
#[utoipa::path(
    get,
    path = "/v1/token",
    tag = "Tokens",
    security(("bearer" = [])),
    responses(
        (status = 200, body = BearerView, description = "The token of this request"),
        CredentialErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_token(
    State(ctx): State<Context>,
    BearerCaller(caller): BearerCaller,
) -> http::Result<Json<BearerView>> {
    Ok(Json(whoami(&ctx, &caller).await?))
}

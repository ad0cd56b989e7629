//! `GET /v1/passkeys`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::passkeys::{PasskeyView, list};
use shared::context::Context;
use shared::http::openapi::{SessionErrors, Unavailable};
use shared::http::{self, CurrentSession};
use utoipa::ToSchema;

/// The passkeys of an account.
#[derive(Serialize, ToSchema)]
#[schema(as = Passkeys)]
pub(crate) struct ResponseBody {
    /// The passkeys, at most 10, in the order in which they were registered.
    data: Vec<PasskeyView>,
}

/// List passkeys
///
/// Returns the passkeys of the account in the order in which they were registered.
#[utoipa::path(
    get,
    path = "/v1/passkeys",
    tag = "Passkeys",
    security(("session" = [])),
    responses(
        (status = 200, body = ResponseBody, description = "The passkeys"),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_passkeys(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<ResponseBody>> {
    Ok(Json(ResponseBody { data: list::list_passkeys(&ctx, &signed_in.user).await? }))
}

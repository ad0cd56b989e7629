//! `GET /v1/passkeys`

use axum::Json;
use axum::extract::State;
use shared::accounts::passkeys::{PasskeyView, list};
use shared::context::Context;
use shared::dynamo::Page;
use shared::http::openapi::{SessionErrors, Unavailable};
use shared::http::{self, CurrentSession};

/// List passkeys
///
/// Returns the passkeys of the account, at most 10, in the order in which they were registered.
#[utoipa::path(
    get,
    path = "/v1/passkeys",
    tag = "Passkeys",
    security(("session" = [])),
    responses(
        (status = 200, body = Page<PasskeyView>, description = "The passkeys, all on one page"),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn list_passkeys(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<Page<PasskeyView>>> {
    let data = list::list_passkeys(&ctx, &signed_in.user).await?;
    Ok(Json(Page { data, next_cursor: None }))
}

//! `POST /v1/2fa/setup`

use axum::Json;
use axum::extract::State;
use shared::accounts::two_factor::setup::{Setup, set_up};
use shared::context::Context;
use shared::http::openapi::{SessionErrors, Unavailable};
use shared::http::{self, ErrorBody, Session};

/// Set up an authenticator
///
/// Makes a secret for an authenticator app. Nothing changes until `/2fa/enable` gets a code of it,
/// within an hour; calling this again makes another secret in its place.
#[utoipa::path(
    post,
    path = "/v1/2fa/setup",
    tag = "Two-factor authentication",
    security(("session" = [])),
    responses(
        (status = 200, body = Setup, description = "For the app"),
        SessionErrors,
        (status = 409, body = ErrorBody, description = "`2FA_ALREADY_ENABLED`"),
        Unavailable,
    )
)]
pub(crate) async fn set_up_two_factor(
    State(ctx): State<Context>,
    Session(signed_in): Session,
) -> http::Result<Json<Setup>> {
    Ok(Json(set_up(&ctx, &signed_in).await?))
}

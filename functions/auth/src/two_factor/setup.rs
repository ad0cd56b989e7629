//! `POST /v1/2fa/setup`

use axum::Json;
use axum::extract::State;
use shared::accounts::two_factor::setup::{TwoFactorSetup, start_setup};
use shared::context::Context;
use shared::http::openapi::{RecentProofErrors, Unavailable};
use shared::http::{self, CurrentSession, ErrorBody};

/// Set up authenticator
///
/// Returns a secret for an authenticator app. Nothing else changes until `/v1/2fa/enable` confirms
/// the secret with a code, within 60 minutes. Another call replaces the secret.
#[utoipa::path(
    post,
    path = "/v1/2fa/setup",
    tag = "Two-factor authentication",
    security(("session" = [])),
    responses(
        (status = 200, body = TwoFactorSetup, description = "The secret, in the forms that authenticator apps accept"),
        RecentProofErrors,
        (status = 409, body = ErrorBody, description = "`2FA_ALREADY_ENABLED`: disable it first to change the authenticator"),
        Unavailable,
    )
)]
pub(crate) async fn set_up_two_factor(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<TwoFactorSetup>> {
    Ok(Json(start_setup(&ctx, &signed_in).await?))
}

//! `GET /v1/2fa/status`

use axum::Json;
use shared::accounts::two_factor::status::TwoFactorStatus;
use shared::http::openapi::{SessionErrors, Unavailable};
use shared::http::{self, CurrentSession};

/// Get two-factor status
///
/// Returns whether two-factor authentication is enabled, how many recovery codes are left, and whether a reset by
/// support waits.
#[utoipa::path(
    get,
    path = "/v1/2fa/status",
    tag = "Two-factor authentication",
    security(("session" = [])),
    responses(
        (status = 200, body = TwoFactorStatus, description = "The status of two-factor authentication"),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn two_factor_status(
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<TwoFactorStatus>> {
    Ok(Json(TwoFactorStatus::from(&signed_in.user)))
}

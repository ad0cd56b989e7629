//! `POST /v1/2fa/disable`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::two_factor::disable;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OwnerErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use utoipa::ToSchema;

use super::BothFactors;

/// Confirmation that two-factor authentication is disabled.
#[derive(Serialize, ToSchema)]
#[schema(as = TwoFactorDisabled)]
pub(crate) struct ResponseBody {
    /// Whether signing in requires a second factor; always `false`.
    #[schema(example = false)]
    enabled: bool,
}

/// Disable two-factor authentication
///
/// Removes the authenticator and its recovery codes, and ends all other sessions. Requires both
/// factors. Wrong passwords and codes count as failed sign-ins.
#[utoipa::path(
    post,
    path = "/v1/2fa/disable",
    tag = "Two-factor authentication",
    security(("session" = [])),
    request_body = BothFactors,
    responses(
        (status = 200, body = ResponseBody, description = "Two-factor authentication is disabled"),
        (status = 400, body = ErrorBody, description = "`2FA_NOT_ENABLED`; `INVALID_CODE`: try the next code; `MISSING_PASSWORD`, \
            `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn disable_two_factor(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<BothFactors>,
) -> http::Result<Json<ResponseBody>> {
    disable::disable_two_factor(&ctx, &signed_in, body.parse()?).await?;
    Ok(Json(ResponseBody { enabled: false }))
}

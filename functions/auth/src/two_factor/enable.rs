//! `POST /v1/2fa/enable`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::two_factor::enable;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, RecentProofErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use utoipa::ToSchema;

/// Parameters for enabling two-factor authentication.
#[derive(Deserialize, ToSchema)]
#[schema(as = EnableTwoFactor)]
pub(crate) struct Request {
    /// Current code from the authenticator app: six digits.
    #[schema(example = "123456")]
    code: String,
}

/// Confirmation that two-factor authentication is enabled, with its recovery codes.
#[derive(Serialize, ToSchema)]
#[schema(as = TwoFactorEnabled)]
pub(crate) struct ResponseBody {
    /// Whether signing in requires a second factor; always `true`.
    #[schema(example = true)]
    enabled: bool,
    /// Ten recovery codes, which are not shown again. Each signs in once in place of a code from
    /// the authenticator.
    #[schema(example = json!(["abcd-efgh-jklm-npqr"]))]
    recovery_codes: Vec<String>,
}

/// Enable two-factor authentication
///
/// Confirms the authenticator from `/v1/2fa/setup` with its first code, and ends all other
/// sessions. From then on, signing in requires a second factor.
#[utoipa::path(
    post,
    path = "/v1/2fa/enable",
    tag = "Two-factor authentication",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "Two-factor authentication is enabled"),
        (status = 400, body = ErrorBody, description = "`2FA_NOT_STARTED`: call `/v1/2fa/setup` first; `INVALID_CODE`: try the next code; \
            `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        RecentProofErrors,
        (status = 409, body = ErrorBody, description = "`2FA_ALREADY_ENABLED`: disable it first to change the authenticator"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn enable_two_factor(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    http::require_not_blank("code", &body.code)?;
    let recovery_codes = enable::enable_two_factor(&ctx, &signed_in, &body.code).await?;
    Ok(Json(ResponseBody { enabled: true, recovery_codes }))
}

//! `POST /v1/2fa/enable`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::two_factor::enable;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SessionErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use shared::requester::Requester;
use utoipa::ToSchema;

/// Parameters for enabling the second factor.
#[derive(Deserialize, ToSchema)]
#[schema(as = EnableTwoFactor)]
pub(crate) struct Request {
    /// Code from the authenticator: six digits.
    #[schema(example = "123456")]
    code: String,
}

/// Answer to enabling the second factor.
#[derive(Serialize, ToSchema)]
#[schema(as = TwoFactorEnabled)]
pub(crate) struct Answer {
    /// Always true.
    #[schema(example = true)]
    enabled: bool,
    /// Ten recovery codes, which are not shown again. Each replaces the authenticator once.
    #[schema(example = json!(["abcd-efgh-jklm-npqr"]))]
    recovery_codes: Vec<String>,
}

/// Enable two-factor authentication
///
/// Confirms the authenticator with its first code, and ends all other sessions.
#[utoipa::path(
    post,
    path = "/v1/2fa/enable",
    tag = "Two-factor authentication",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "Enabled"),
        (status = 400, body = ErrorBody, description = "`2FA_NOT_STARTED`, `INVALID_CODE`, \
            `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        SessionErrors,
        (status = 409, body = ErrorBody, description = "`2FA_ALREADY_ENABLED`"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn enable_two_factor(
    State(ctx): State<Context>,
    requester: Requester,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    http::require_not_blank("code", &body.code)?;
    let recovery_codes =
        enable::enable_two_factor(&ctx, &requester, &signed_in, &body.code).await?;
    Ok(Json(Answer { enabled: true, recovery_codes }))
}

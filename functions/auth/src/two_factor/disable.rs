//! `POST /v1/2fa/disable`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::two_factor::disable;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OwnerErrors, Throttled, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use shared::requester::Requester;
use utoipa::ToSchema;

use super::BothFactors;

/// Answer to disabling the second factor.
#[derive(Serialize, ToSchema)]
#[schema(as = TwoFactorDisabled)]
pub(crate) struct Answer {
    /// Always false.
    #[schema(example = false)]
    enabled: bool,
}

/// Disable two-factor authentication
///
/// Requires both factors, and ends all other sessions.
#[utoipa::path(
    post,
    path = "/v1/2fa/disable",
    tag = "Two-factor authentication",
    security(("session" = [])),
    request_body = BothFactors,
    responses(
        (status = 200, body = Answer, description = "Disabled"),
        (status = 400, body = ErrorBody, description = "`2FA_NOT_ENABLED`, `INVALID_CODE`, \
            `MISSING_PASSWORD`, `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn disable_two_factor(
    State(ctx): State<Context>,
    requester: Requester,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<BothFactors>,
) -> http::Result<Json<Answer>> {
    let (password, code) = body.parse()?;
    disable::disable_two_factor(&ctx, &requester, &signed_in, password, &code).await?;
    Ok(Json(Answer { enabled: false }))
}

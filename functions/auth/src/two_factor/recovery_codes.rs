//! `POST /v1/2fa/recovery-codes`

use axum::Json;
use axum::extract::State;
use shared::accounts::two_factor::replace_recovery_codes;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OwnerErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};

use super::{BothFactors, RecoveryCodes};

/// Replace recovery codes
///
/// Creates ten recovery codes. The old ones become invalid, and all other sessions end. Requires
/// both factors. Wrong passwords and codes count as failed sign-ins.
#[utoipa::path(
    post,
    path = "/v1/2fa/recovery-codes",
    tag = "Two-factor authentication",
    security(("session" = [])),
    request_body = BothFactors,
    responses(
        (status = 200, body = RecoveryCodes, description = "The new recovery codes"),
        (status = 400, body = ErrorBody, description = "`2FA_NOT_ENABLED`; `INVALID_CODE`: try the next code; `MISSING_PASSWORD`, \
            `MISSING_CODE`, `INVALID_FIELD`, `INVALID_JSON`"),
        OwnerErrors,
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn make_recovery_codes(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<BothFactors>,
) -> http::Result<Json<RecoveryCodes>> {
    let replace = replace_recovery_codes::replace_recovery_codes;
    let recovery_codes = replace(&ctx, &signed_in, body.parse()?).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

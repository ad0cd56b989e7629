//! `POST /v1/password/reset`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::reset_password;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for resetting the password.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResetPassword)]
pub(crate) struct Request {
    /// Email address of the account, in any case.
    #[schema(example = "dev@example.com")]
    email: String,
    /// Code from the password reset mail: six characters, in any case, with or without spaces and hyphens.
    #[schema(example = "K7MPQ2")]
    code: String,
    /// New password. The rules are those of `/v1/register`.
    #[schema(example = "correct-horse-9", min_length = 8, max_length = 128)]
    new_password: String,
}

/// Confirmation that the password was reset.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordReset)]
pub(crate) struct ResponseBody {
    /// A message to show to the user. Its text may change.
    #[schema(example = "Password changed")]
    message: &'static str,
}

/// Reset password
///
/// Sets a new password with the mailed code, ends all sessions, and clears the delays after wrong
/// passwords. A code is valid once, for 10 minutes and 5 attempts. Request another at
/// `/v1/password/forgot`.
#[utoipa::path(
    post,
    path = "/v1/password/reset",
    tag = "Signing in",
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The password was changed"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: the code is wrong, used or expired, so request another; \
            `PASSWORD_TOO_WEAK`: the message names the broken rule; `MISSING_EMAIL`, \
            `MISSING_CODE`, `MISSING_NEW_PASSWORD`, `INVALID_EMAIL`, `INVALID_FIELD`, \
            `INVALID_JSON`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn reset_password(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    let email = EmailAddress::parse(&body.email)?;
    http::require_not_blank("code", &body.code)?;
    let Request { code, new_password, .. } = body;
    reset_password::reset_password(&ctx, &requester, &email, &code, new_password).await?;
    Ok(Json(ResponseBody { message: "Password changed" }))
}

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
    /// Address of the account.
    #[schema(example = "dev@example.com")]
    email: String,
    /// Code from the mail, in any case, with or without spaces and hyphens.
    #[schema(example = "K7MPQ2")]
    code: String,
    /// New password. The rules are those of `/register`.
    #[schema(example = "correct-horse-9", min_length = 8, max_length = 128)]
    new_password: String,
}

/// Answer to a password reset.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordReset)]
pub(crate) struct Answer {
    /// Message to show to people.
    #[schema(example = "Password changed")]
    message: &'static str,
}

/// Reset password
///
/// Sets a new password with the mailed code and ends all sessions. A code is valid once, for 10 minutes and
/// five attempts. This also clears the delays after wrong passwords.
#[utoipa::path(
    post,
    path = "/v1/password/reset",
    tag = "Signing in",
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "Password changed"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`, `PASSWORD_TOO_WEAK`, \
            `MISSING_EMAIL`, `MISSING_CODE`, `MISSING_NEW_PASSWORD`, `INVALID_EMAIL`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn reset_password(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    let email = EmailAddress::parse(&body.email)?;
    http::require_not_blank("code", &body.code)?;
    let Request { code, new_password, .. } = body;
    reset_password::reset_password(&ctx, &requester, &email, &code, new_password).await?;
    Ok(Json(Answer { message: "Password changed" }))
}

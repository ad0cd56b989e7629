//! `POST /v1/password/reset`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::EndedAccess;
use shared::accounts::reset_password::{self, ResetCredential};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for resetting the password: `token`, or `email` and `code`.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResetPassword)]
pub(crate) struct Request {
    /// Token from the mailed link, the part after `#`.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa.kR0x…")]
    token: Option<String>,
    /// Email address of the account, in any case. Not with a token.
    #[serde(default)]
    #[schema(example = "dev@example.com")]
    email: String,
    /// Code from the password reset mail: six characters, in any case, with or without spaces and hyphens. Not
    /// with a token.
    #[serde(default)]
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
    #[schema(example = "Password changed. All sessions were ended")]
    message: &'static str,
    /// What was ended besides all sessions.
    ended: EndedAccess,
}

/// Reset password
///
/// Sets a new password with the mailed link or code, and clears the delays after wrong passwords. Ends all
/// sessions, the Slack webhook, and what was added in the last 7 days: personal tokens, a Google connection and
/// a second factor. An older second factor stays.
///
/// A link is valid once, for 30 minutes, until the password changes. A code is valid once, for 10 minutes and 5
/// attempts. Request others at `/v1/password/forgot`.
#[utoipa::path(
    post,
    path = "/v1/password/reset",
    tag = "Signing in",
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The password was changed"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: the link or code is wrong, used or expired, so request another; \
            `PASSWORD_TOO_WEAK`: the message names the broken rule; `MISSING_TOKEN`, `MISSING_EMAIL`, \
            `MISSING_CODE`, `MISSING_NEW_PASSWORD`, `INVALID_EMAIL`, `INVALID_FIELD`, \
            `INVALID_JSON`"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn reset_password(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    let email;
    let credential = match &body.token {
        Some(token) => {
            http::require_not_blank("token", token)?;
            ResetCredential::Link(token)
        }
        None => {
            email = EmailAddress::parse(&body.email)?;
            http::require_not_blank("code", &body.code)?;
            ResetCredential::Code { email: &email, code: &body.code }
        }
    };
    let new = body.new_password;
    let ended = reset_password::reset_password(&ctx, &requester, credential, new).await?;
    Ok(Json(ResponseBody { message: "Password changed. All sessions were ended", ended }))
}

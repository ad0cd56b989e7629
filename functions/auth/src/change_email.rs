//! `POST /v1/me/email`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::IdentityProof;
use shared::accounts::email_change::request;
use shared::accounts::password::Password;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SwitchErrors, ThrottleErrors};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for changing the email address.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeEmail)]
pub(crate) struct Request {
    /// New email address, to which the code is mailed.
    #[schema(example = "ada@example.org")]
    new_email: String,
    /// Password of the account. An account without a password must set one first.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
    /// Current code from the authenticator app, or a recovery code. Required if two-factor
    /// authentication is enabled.
    #[schema(example = "123456")]
    code: Option<String>,
}

/// Response to a change of the email address. It is the same for every address.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeEmailStarted)]
pub(crate) struct ResponseBody {
    /// A message to show to the user. Its text may change.
    #[schema(example = "If the address is free, a code is on its way there")]
    message: &'static str,
}

/// Change email address
///
/// Mails a code to the new address. Finish the change with the code at `/v1/me/email/confirm`. If
/// another account has the address, the response is the same and nothing is mailed. At most one
/// code a minute and 5 an hour are mailed.
#[utoipa::path(
    post,
    path = "/v1/me/email",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "A code was mailed if the address is free"),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: try the next code; `MISSING_NEW_EMAIL`, `MISSING_PASSWORD`, \
            `MISSING_CODE`, `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CREDENTIALS`: the password is wrong; `missing session`, `invalid session`, \
            `invalid token`: sign in again"),
        (status = 403, body = ErrorBody, description = "`SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`, `SUSPENDED`"),
        (status = 409, body = ErrorBody, description = "`NO_PASSWORD`: set a password at `/v1/me/password` first"),
        BodyErrors,
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn change_email(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    http::require_not_blank("new_email", &body.new_email)?;
    let new = EmailAddress::parse(&body.new_email)?;
    let password = Password::parse_optional("password", body.password)?;
    let proof = IdentityProof { password, code: body.code.as_deref() };
    request::request_email_change(&ctx, &signed_in, &new, proof).await?;
    Ok(Json(ResponseBody { message: "If the address is free, a code is on its way there" }))
}

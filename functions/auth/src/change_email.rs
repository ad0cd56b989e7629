//! `POST /v1/me/email`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::email_change::request;
use shared::accounts::password::Password;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for changing the address.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeEmail)]
pub(crate) struct Request {
    /// New address, which gets the code.
    #[schema(example = "ada@example.org")]
    new_email: String,
    /// Password of the account. An account without a password must set one first.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
}

/// Answer to a request for a change of address.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeEmailStarted)]
pub(crate) struct Answer {
    /// Message to show to people.
    #[schema(example = "If the address is free, a code is on its way there")]
    message: &'static str,
}

/// Change email address
///
/// Mails a code to the new address. Send it to `/me/email/confirm` to finish the change. If another account
/// has the address, the answer is the same and nothing is mailed. Limits: one code a minute, five an hour.
#[utoipa::path(
    post,
    path = "/v1/me/email",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "A code was mailed if the address is free"),
        (status = 400, body = ErrorBody, description = "`MISSING_NEW_EMAIL`, `MISSING_PASSWORD`, \
            `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CREDENTIALS`, `missing session`, \
            `invalid session`, `invalid token`"),
        (status = 403, body = ErrorBody, description = "`SESSION_REQUIRED`, `BAD_ORIGIN`, `PENDING_DELETION`"),
        (status = 409, body = ErrorBody, description = "`NO_PASSWORD`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn change_email(
    State(ctx): State<Context>,
    requester: Requester,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    http::require_not_blank("new_email", &body.new_email)?;
    let new = EmailAddress::parse(&body.new_email)?;
    let password = Password::parse_optional("password", body.password)?;
    request::request_email_change(&ctx, &requester, &signed_in, &new, password).await?;
    Ok(Json(Answer { message: "If the address is free, a code is on its way there" }))
}

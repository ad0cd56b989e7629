//! `POST /v1/me/email`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::email_change::ask;
use shared::accounts::password::Password;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::{self, Body, ErrorBody, Session};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// The new address, and the password.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeEmail)]
pub(crate) struct Request {
    /// Where the code goes.
    #[schema(example = "ada@example.org")]
    new_email: String,
    /// The account's password. An account without one can't do this.
    #[schema(example = "correct-horse-9")]
    password: Option<String>,
}

/// The code is on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangeEmailStarted)]
pub(crate) struct Answer {
    /// For people.
    #[schema(example = "If the address is free, a code is on its way there")]
    message: &'static str,
}

/// Change the address
///
/// Mails a code to the new address; `/me/email/confirm` takes it. Where somebody else has that
/// address, the answer is the same and nothing is mailed. One code a minute, five an hour.
#[utoipa::path(
    post,
    path = "/v1/me/email",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "Mailed, if the address is free"),
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
    Session(signed_in): Session,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    http::not_blank("new_email", &body.new_email)?;
    let new = EmailAddress::parse(&body.new_email)?;
    let password = Password::given_if_any("password", body.password)?;
    ask::ask(&ctx, &requester, &signed_in, &new, password).await?;
    Ok(Json(Answer { message: "If the address is free, a code is on its way there" }))
}

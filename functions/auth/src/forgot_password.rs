//! `POST /v1/password/forgot`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::ask_for_code::{Wanted, ask_for_code};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[schema(as = ForgotPassword)]
pub(crate) struct Request {
    /// The account's address.
    #[schema(example = "dev@example.com")]
    email: String,
}

/// The same for every address.
#[derive(Serialize, ToSchema)]
#[schema(as = ResetCodeSent)]
pub(crate) struct Answer {
    /// For people.
    #[schema(example = "If this address has an account, a code is on its way")]
    message: &'static str,
}

/// Ask for a code to reset the password
///
/// Mails a code that `/password/reset` takes, at most one a minute and five an hour. The answer is
/// the same whether or not it does, so that nobody learns which addresses have an account. Works
/// while signing in is slowed down.
#[utoipa::path(
    post,
    path = "/v1/password/forgot",
    tag = "Signing in",
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "The same for every address"),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `INVALID_EMAIL`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn forgot_password(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    let email = EmailAddress::parse(&body.email)?;
    ask_for_code(&ctx, &requester, Wanted::Reset, &email).await?;
    Ok(Json(Answer { message: "If this address has an account, a code is on its way" }))
}

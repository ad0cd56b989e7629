//! `POST /v1/verify-email/resend`

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

/// Where the code should go.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResendCode)]
pub(crate) struct Request {
    /// The address that was registered.
    #[schema(example = "dev@example.com")]
    email: String,
}

/// The same for every address.
#[derive(Serialize, ToSchema)]
#[schema(as = CodeResent)]
pub(crate) struct Answer {
    /// For people.
    #[schema(example = "If this address waits to be verified, a new code is on its way")]
    message: &'static str,
}

/// Mail the code again
///
/// Mails a new code, which replaces the one before, to an address that waits to be verified: at most
/// one a minute and five an hour. The answer is the same whether or not it does, so that nobody
/// learns which addresses have an account.
#[utoipa::path(
    post,
    path = "/v1/verify-email/resend",
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
pub(crate) async fn resend_code(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    let email = EmailAddress::parse(&body.email)?;
    ask_for_code(&ctx, &requester, Wanted::Verification, &email).await?;
    let message = "If this address waits to be verified, a new code is on its way";
    Ok(Json(Answer { message }))
}

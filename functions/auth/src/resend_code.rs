//! `POST /v1/verify-email/resend`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::request_code::{RequestedCode, request_code};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for resending the verification code.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResendCode)]
pub(crate) struct Request {
    /// Registered address.
    #[schema(example = "dev@example.com")]
    email: String,
}

/// Answer to a request for another code. It is the same for every address.
#[derive(Serialize, ToSchema)]
#[schema(as = CodeResent)]
pub(crate) struct Answer {
    /// Message to show to people.
    #[schema(example = "If this address waits to be verified, a new code is on its way")]
    message: &'static str,
}

/// Resend verification code
///
/// Mails a new code, which replaces the last one, if the address is registered but not verified: at most one
/// a minute and five an hour. The answer is the same otherwise, so that it does not reveal which addresses
/// have an account.
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
    request_code(&ctx, &requester, RequestedCode::EmailVerification, &email).await?;
    let message = "If this address waits to be verified, a new code is on its way";
    Ok(Json(Answer { message }))
}

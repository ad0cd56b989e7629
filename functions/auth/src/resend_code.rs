//! `POST /v1/verify-email/resend`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::accounts::request_code::{RequestedCode, request_code};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SwitchErrors, ThrottleErrors};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for resending the verification code.
#[derive(Deserialize, ToSchema)]
#[schema(as = ResendCode)]
pub(crate) struct Request {
    /// Email address that the account was registered with, in any case.
    #[schema(example = "dev@example.com")]
    email: String,
}

/// Response to a request for another code. It is the same for every address.
#[derive(Serialize, ToSchema)]
#[schema(as = CodeResent)]
pub(crate) struct ResponseBody {
    /// A message to show to the user. Its text may change.
    #[schema(example = "If this address waits to be verified, a new code is on its way")]
    message: &'static str,
}

/// Resend verification code
///
/// Mails a new verification code, which replaces the last one, if the address is registered but not
/// verified. At most one code a minute and 5 an hour are mailed to an address. The response is the
/// same for every address, so it does not reveal which ones have an account.
#[utoipa::path(
    post,
    path = "/v1/verify-email/resend",
    tag = "Signing in",
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "A new code was mailed if the address waits to be verified"),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `INVALID_EMAIL`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        BodyErrors,
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn resend_code(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    let email = EmailAddress::parse(&body.email)?;
    request_code(&ctx, &requester, RequestedCode::EmailVerification, &email).await?;
    let message = "If this address waits to be verified, a new code is on its way";
    Ok(Json(ResponseBody { message }))
}

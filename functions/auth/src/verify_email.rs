//! `POST /v1/verify-email`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::accounts::verify_email::{self, RegistrantProof};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for verifying an email address.
#[derive(Deserialize, ToSchema)]
#[schema(as = VerifyEmail)]
pub(crate) struct Request {
    /// Email address that the account was registered with, in any case.
    #[schema(example = "dev@example.com")]
    email: String,
    /// Code from the verification mail: six characters, in any case, with or without spaces and hyphens.
    #[schema(example = "K7MPQ2")]
    code: String,
}

/// Verify email
///
/// Verifies the email address with the code that was mailed to it, and signs in. A code is valid
/// once, for 10 minutes and 5 attempts. Request another at `/v1/verify-email/resend`.
///
/// If the address was registered more than once, only the browser of the last registration (its cookie)
/// keeps the password. In any other the password is dropped, because another person may have chosen it:
/// `has_password` is false, and the session sets a new one at `/v1/me/password`.
#[utoipa::path(
    post,
    path = "/v1/verify-email",
    tag = "Signing in",
    request_body = Request,
    responses(
        (
            status = 200, body = SignInAnswer, description = "The session has started, or the second factor is required",
            headers(("set-cookie" = String, description = "The session, as `__Host-aius_session`"))
        ),
        (status = 400, body = ErrorBody, description = "`INVALID_CODE`: the code is wrong, used or expired, so request another; \
            `MISSING_EMAIL`, `MISSING_CODE`, `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 403, body = ErrorBody, description = "`SUSPENDED`: the account is suspended; write to support"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn verify_email(
    State(ctx): State<Context>,
    requester: Requester,
    headers: HeaderMap,
    Body(body): Body<Request>,
) -> http::Result<Response> {
    let email = EmailAddress::parse(&body.email)?;
    http::require_not_blank("code", &body.code)?;
    let proof = RegistrantProof {
        registration: http::registration_token(&headers),
        session: http::optional_session(&ctx, &headers).await,
    };
    let code = &body.code;
    let signed_in = verify_email::verify_email(&ctx, &requester, &email, code, &proof).await?;
    Ok(crate::sign_in_response::sign_in_response(signed_in))
}

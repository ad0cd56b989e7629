//! `POST /v1/login`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::accounts::password::Password;
use shared::accounts::sign_in;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// Parameters for signing in.
#[derive(Deserialize, ToSchema)]
#[schema(as = Login)]
pub(crate) struct Request {
    /// Email address of the account, in any case.
    #[schema(example = "dev@example.com")]
    email: String,
    /// Password of the account.
    #[schema(example = "correct-horse-9")]
    password: String,
}

/// Sign in
///
/// Starts a session, or returns a challenge if a second factor is required. Several wrong passwords
/// in a row delay sign-ins to the address, by up to 15 minutes. Limit: 30 requests a minute from
/// one network. An address without an account gets the same responses.
#[utoipa::path(
    post,
    path = "/v1/login",
    tag = "Signing in",
    request_body = Request,
    responses(
        (
            status = 200, body = SignInAnswer, description = "The session has started, or the second factor is required",
            headers(("set-cookie" = String, description = "The session, as `__Host-aius_session`"))
        ),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `MISSING_PASSWORD`, \
            `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CREDENTIALS`: the email address or the password is wrong"),
        (status = 403, body = ErrorBody, description = "`EMAIL_NOT_VERIFIED`: verify the address at `/v1/verify-email` first; \
            `SUSPENDED`: the password is right, and the account is suspended; write to support"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn login(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Response> {
    let email = EmailAddress::parse(&body.email)?;
    let password = Password::parse("password", body.password)?;
    let signed_in = sign_in::sign_in(&ctx, &requester, &email, password).await?;
    Ok(crate::sign_in_response::sign_in_response(signed_in))
}

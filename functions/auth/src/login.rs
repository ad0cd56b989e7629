//! `POST /v1/login`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::accounts::password::Password;
use shared::accounts::sign_in;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use shared::values::EmailAddress;
use utoipa::ToSchema;

/// E-mail and password.
#[derive(Deserialize, ToSchema)]
#[schema(as = Login)]
pub(crate) struct Request {
    /// The account's address, in any case.
    #[schema(example = "dev@example.com")]
    email: String,
    /// The account's password.
    #[schema(example = "correct-horse-9")]
    password: String,
}

/// Sign in
///
/// From the fifth wrong password in a row an address has to wait, 15 seconds at first, 15 minutes
/// from the tenth on; one network may try 30 times a minute. Addresses without an account are
/// answered alike.
#[utoipa::path(
    post,
    path = "/v1/login",
    tag = "Signing in",
    request_body = Request,
    responses(
        (
            status = 200, body = SignInAnswer, description = "Signed in, or the second factor is asked for",
            headers(("set-cookie" = String, description = "The session, as `__Host-aius_session`"))
        ),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `MISSING_PASSWORD`, \
            `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CREDENTIALS`"),
        (status = 403, body = ErrorBody, description = "`EMAIL_NOT_VERIFIED`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn login(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Response> {
    let email = EmailAddress::parse(&body.email)?;
    let password = Password::given("password", body.password)?;
    let signed_in = sign_in::sign_in(&ctx, &requester, &email, password).await?;
    Ok(crate::signed_in::answer(signed_in))
}

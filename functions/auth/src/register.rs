//! `POST /v1/register`

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::password::Password;
use shared::accounts::register::{self, NewAccount, Registered};
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, Throttled, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, IdempotentBody, session_cookie};
use shared::requester::Requester;
use shared::values::{EmailAddress, Name};
use utoipa::ToSchema;

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[schema(as = Register)]
pub(crate) struct Request {
    /// An address that can get mail; compared in lower case.
    #[schema(example = "dev@example.com", max_length = 254)]
    email: String,
    /// What the person is called: one line.
    #[schema(example = "Ada Lovelace", max_length = 100)]
    name: String,
    /// 8 to 128 characters with a letter, a digit and a special one; not the email or name, not a
    /// well-known password.
    #[schema(example = "correct-horse-9", min_length = 8, max_length = 128)]
    password: String,
}

/// Sign up
///
/// Makes an account with its default client, and mails a 6-character code that `/verify-email`
/// takes. An address whose account was never verified is taken over whole by the next registration.
/// At most 5 codes an hour go to one address. Where the deployment doesn't require verified
/// addresses, the answer holds a session (and sets the cookie) instead.
#[utoipa::path(
    post,
    path = "/v1/register",
    tag = "Signing in",
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (
            status = 200, body = Registered, description = "Registered",
            headers(
                ("set-cookie" = String, description = "The session, where there is one"),
                ("idempotent-replayed" = String, description = "`true` on an answer given before"),
            )
        ),
        (status = 400, body = ErrorBody, description = "`MISSING_EMAIL`, `MISSING_NAME`, \
            `MISSING_PASSWORD`, `INVALID_EMAIL`, `PASSWORD_TOO_WEAK`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 409, body = ErrorBody, description = "`EMAIL_ALREADY_EXISTS`, `IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn register(
    State(ctx): State<Context>,
    requester: Requester,
    IdempotentBody { body, idempotency_key }: IdempotentBody<Request>,
) -> http::Result<Response> {
    let email = EmailAddress::parse(&body.email)?;
    let name = Name::parse(&body.name)?;
    let password = Password::chosen("password", body.password, &email)?;
    password.must_differ_from(&name)?;
    let new = NewAccount { email, name, password };
    let done = register::register(&ctx, &requester, &idempotency_key, new).await?;
    let cookie = done.response.session_token.as_deref().map(session_cookie);
    let mut response = http::idempotent_response(done);
    if let Some(cookie) = cookie {
        let cookie = HeaderValue::from_str(&cookie).map_err(Error::internal)?;
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

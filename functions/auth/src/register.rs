//! `POST /v1/register`

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::password::Password;
use shared::accounts::register::{self, NewAccount, Registered};
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, SwitchErrors, ThrottleErrors};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, IdempotentBody, registration_cookie, session_cookie};
use shared::requester::Requester;
use shared::values::{EmailAddress, Name, Timezone};
use utoipa::ToSchema;

/// Parameters for registering an account.
#[derive(Deserialize, ToSchema)]
#[schema(as = Register)]
pub(crate) struct Request {
    /// Email address that can receive mail. It is stored in lower case.
    #[schema(example = "dev@example.com", max_length = 254)]
    email: String,
    /// The user's full name, on one line.
    #[schema(example = "Ada Lovelace", max_length = 100)]
    name: String,
    /// Password of 8 to 128 characters, with a letter, a digit and a special character. It must be
    /// neither a part of the email address or the name, nor a commonly used, expected or compromised
    /// password, nor a simple variation of these, such as `Summer2024!`.
    #[schema(example = "correct-horse-9", min_length = 8, max_length = 128)]
    password: String,
    /// The name of the user's time zone in the IANA database, for the times in mails and on pages. A browser
    /// knows it. UTC by default.
    #[serde(alias = "time_zone")]
    #[schema(example = "Europe/London")]
    timezone: Option<String>,
}

/// Sign up
///
/// Creates an account with its default organization, and mails a code of 6 characters for
/// `/v1/verify-email`. A new registration replaces an old one whose address was never verified, and the
/// cookie recognizes the browser that made it: see `/v1/verify-email`. An
/// account whose address is not verified within 7 days is erased. At most 5 codes an hour are mailed to
/// an address.
///
/// If the deployment does not require verified addresses, no code is mailed: the response has a
/// session token and sets the cookie.
#[utoipa::path(
    post,
    path = "/v1/register",
    tag = "Signing in",
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (
            status = 200, body = Registered, description = "The account was created",
            headers(
                ("set-cookie" = String, description = "The browser of the registration, as `__Host-aius_registration`, and the session, if one was started"),
                ("idempotent-replayed" = String, description = "`true` if the answer repeats an earlier one"),
            )
        ),
        (status = 400, body = ErrorBody, description = "`PASSWORD_TOO_WEAK`: the message names the broken rule; `MISSING_EMAIL`, \
            `MISSING_NAME`, `MISSING_PASSWORD`, `INVALID_EMAIL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 409, body = ErrorBody, description = "`EMAIL_ALREADY_EXISTS`: an account has the address, is scheduled for erasure, or had \
            it and can still restore it; `IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn register(
    State(ctx): State<Context>,
    requester: Requester,
    headers: HeaderMap,
    IdempotentBody { body, idempotency_key }: IdempotentBody<Request>,
) -> http::Result<Response> {
    let email = EmailAddress::parse(&body.email)?;
    let name = Name::parse(&body.name)?;
    let password = Password::parse_new("password", body.password, &email)?;
    password.require_different_from(&name)?;
    let timezone = Timezone::parse_optional(body.timezone.as_deref())?;
    let browser = http::registration_token(&headers);
    let new = NewAccount { email, name, password, timezone, browser };
    let done = register::register(&ctx, &requester, &idempotency_key, new).await?;
    let session = done.response.answer.session_token.as_deref().map(session_cookie);
    let browser = done.response.browser.as_ref().map(registration_cookie);
    let mut response = http::idempotent_response(done.map(|done| done.answer));
    for cookie in [session, browser].into_iter().flatten() {
        let cookie = HeaderValue::from_str(&cookie).map_err(Error::internal)?;
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

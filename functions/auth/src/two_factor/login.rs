//! `POST /v1/2fa/login`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::finish_sign_in::SignInAnswer;
use shared::accounts::start_session::SignedIn;
use shared::accounts::two_factor::challenge;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, ThrottleErrors, Unavailable};
use shared::http::{self, Body, ErrorBody};
use shared::requester::Requester;
use utoipa::ToSchema;

/// Parameters for signing in with the second factor.
#[derive(Deserialize, ToSchema)]
#[schema(as = TwoFactorLogin)]
pub(crate) struct Request {
    /// The `challenge_token` of the response to the first factor.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa.kR0x…")]
    challenge_token: String,
    /// Current code from the authenticator app, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

/// Sign in with second factor
///
/// Finishes a sign-in that requires a second factor. A challenge is valid for 5 minutes, 5 attempts
/// and one sign-in. Many wrong codes in a row delay the account by 15 minutes; recovery codes work
/// meanwhile.
#[utoipa::path(
    post,
    path = "/v1/2fa/login",
    tag = "Signing in",
    request_body = Request,
    responses(
        (
            status = 200, body = SignedIn, description = "The session has started",
            headers(("set-cookie" = String, description = "The session, as `__Host-aius_session`"))
        ),
        (status = 400, body = ErrorBody, description = "`MISSING_CHALLENGE_TOKEN`, `MISSING_CODE`, \
            `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CHALLENGE`: the challenge is used or expired, so sign in again; \
            `INVALID_CODE`: try the next code"),
        (status = 403, body = ErrorBody, description = "`SUSPENDED`: the account is suspended; write to support"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn two_factor_login(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<Request>,
) -> http::Result<Response> {
    http::require_not_blank("challenge_token", &body.challenge_token)?;
    http::require_not_blank("code", &body.code)?;
    let token = &body.challenge_token;
    let signed_in = challenge::answer_challenge(&ctx, &requester, token, &body.code).await?;
    Ok(crate::sign_in_response::sign_in_response(SignInAnswer::SignedIn(signed_in)))
}

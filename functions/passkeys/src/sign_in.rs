//! `POST /v1/passkeys/login`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use shared::accounts::passkeys::sign_in;
use shared::accounts::start_session::SignedIn;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SwitchErrors, ThrottleErrors};
use shared::http::{self, Body, ErrorBody, session_cookie};
use shared::requester::Requester;

use crate::response::PasskeyResponse;
use crate::webauthn::WebauthnRelyingParty;

/// Sign in with a passkey
///
/// Finishes a sign-in with the response of an authenticator, and starts a session. A passkey counts as both factors, so
/// no code is asked for. Limit: 30 requests a minute from one network.
#[utoipa::path(
    post,
    path = "/v1/passkeys/login",
    tag = "Signing in",
    request_body = PasskeyResponse,
    responses(
        (
            status = 200, body = SignedIn, description = "The session has started",
            headers(("set-cookie" = String, description = "The session, as `__Host-aius_session`"))
        ),
        (status = 400, body = ErrorBody, description = "`MISSING_CEREMONY_ID`, `MISSING_CREDENTIAL`, `INVALID_FIELD`, \
            `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CHALLENGE`: the ceremony or the challenge is used, expired or of \
            another account, so start again; `INVALID_PASSKEY`: the passkey was not accepted; `INVALID_CREDENTIALS`: the account is being deleted"),
        (status = 403, body = ErrorBody, description = "`EMAIL_NOT_VERIFIED`: verify the address at `/v1/verify-email` first; \
            `SUSPENDED`: the account is suspended; write to support"),
        BodyErrors,
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn sign_in_with_passkey(
    State(ctx): State<Context>,
    requester: Requester,
    Body(body): Body<PasskeyResponse>,
) -> http::Result<([(HeaderName, String); 1], Json<SignedIn>)> {
    http::require_not_blank("ceremony_id", &body.ceremony_id)?;
    let relying_party = WebauthnRelyingParty::new(&ctx)?;
    let signed_in = sign_in::sign_in(&ctx, &requester, &relying_party, body.answer()).await?;
    Ok(([(SET_COOKIE, session_cookie(&signed_in.session_token))], Json(signed_in)))
}

//! `POST /v1/passkeys/login/options`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use shared::accounts::passkeys::{CeremonyStart, sign_in};
use shared::context::Context;
use shared::error::Error;
use shared::http::openapi::{BodyErrors, SwitchErrors, ThrottleErrors};
use shared::http::{self, Body, ErrorBody, challenge_token};
use shared::requester::Requester;
use utoipa::ToSchema;

use crate::webauthn::WebauthnRelyingParty;

/// Parameters for starting a sign-in with a passkey.
#[derive(Deserialize, ToSchema)]
#[schema(as = StartPasskeyLogin)]
pub(crate) struct Request {
    /// The `challenge_token` of a sign-in that requires the second factor, to answer it with a passkey. Absent to sign
    /// in with the passkey alone.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa.kR0x…")]
    challenge_token: Option<String>,
    /// In a browser that signed in on the pages below `/account`: whether to answer the challenge in its cookie.
    #[serde(default)]
    second_factor: bool,
}

/// Start signing in with a passkey
///
/// Returns options for `navigator.credentials.get`, in the JSON form of WebAuthn Level 3. They name no account: the
/// person chooses a passkey. Send the response of the authenticator to `POST /v1/passkeys/login` within 5 minutes.
/// Limit: 30 requests a minute from one network.
#[utoipa::path(
    post,
    path = "/v1/passkeys/login/options",
    tag = "Signing in",
    request_body = Request,
    responses(
        (status = 200, body = CeremonyStart, description = "The options"),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`, `INVALID_JSON`"),
        (status = 401, body = ErrorBody, description = "`INVALID_CHALLENGE`: the challenge is used or expired, so sign in again"),
        BodyErrors,
        ThrottleErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn begin_passkey_sign_in(
    State(ctx): State<Context>,
    requester: Requester,
    headers: HeaderMap,
    Body(body): Body<Request>,
) -> http::Result<Json<CeremonyStart>> {
    let relying_party = WebauthnRelyingParty::new(&ctx)?;
    let challenge = match body.challenge_token.as_deref() {
        Some(token) => Some(token),
        None if body.second_factor => {
            Some(challenge_token(&headers).ok_or(Error::InvalidChallenge)?)
        }
        None => None,
    };
    Ok(Json(sign_in::begin_sign_in(&ctx, &requester, &relying_party, challenge).await?))
}

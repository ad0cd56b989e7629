//! `POST /v1/passkeys/reauthenticate`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::SET_COOKIE;
use shared::accounts::passkeys::renew_proof::renew_proof_with_passkey;
use shared::accounts::renew_proof::RenewedProof;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SwitchErrors};
use shared::http::{self, Body, CurrentSession, ErrorBody, session_cookie};

use crate::ceremony_errors::CeremonyErrors;
use crate::response::PasskeyResponse;
use crate::webauthn::WebauthnRelyingParty;

/// Prove identity with a passkey
///
/// Renews the proof of identity of the session with the response of an authenticator. Operations that answer
/// `REAUTH_REQUIRED` then work for 10 minutes.
#[utoipa::path(
    post,
    path = "/v1/passkeys/reauthenticate",
    tag = "Passkeys",
    security(("session" = [])),
    request_body = PasskeyResponse,
    responses(
        (
            status = 200, body = RenewedProof, description = "The proof of identity was renewed",
            headers(("set-cookie" = String, description = "The session, as `__Host-aius_session`"))
        ),
        (status = 400, body = ErrorBody, description = "`MISSING_CEREMONY_ID`, `MISSING_CREDENTIAL`, `INVALID_FIELD`, \
            `INVALID_JSON`"),
        CeremonyErrors,
        BodyErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn reauthenticate_with_passkey(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<PasskeyResponse>,
) -> http::Result<([(HeaderName, String); 1], Json<RenewedProof>)> {
    http::require_not_blank("ceremony_id", &body.ceremony_id)?;
    let relying_party = &WebauthnRelyingParty::new(&ctx)?;
    let answer = body.answer();
    let renewed = renew_proof_with_passkey(&ctx, &signed_in, relying_party, answer).await?;
    Ok(([(SET_COOKIE, session_cookie(&renewed.session_token))], Json(renewed)))
}

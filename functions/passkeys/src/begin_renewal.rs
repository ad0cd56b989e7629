//! `POST /v1/passkeys/reauthenticate/options`

use axum::Json;
use axum::extract::State;
use shared::accounts::passkeys::{CeremonyStart, renew_proof};
use shared::context::Context;
use shared::http::openapi::{SessionErrors, SwitchErrors};
use shared::http::{self, CurrentSession, ErrorBody};

use crate::webauthn::WebauthnRelyingParty;

/// Start proving identity with a passkey
///
/// Returns options for `navigator.credentials.get`, in the JSON form of WebAuthn Level 3. Send the response of the
/// authenticator to `POST /v1/passkeys/reauthenticate` within 5 minutes.
#[utoipa::path(
    post,
    path = "/v1/passkeys/reauthenticate/options",
    tag = "Passkeys",
    security(("session" = [])),
    responses(
        (status = 200, body = CeremonyStart, description = "The options"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: the account has no passkey"),
        SwitchErrors,
    )
)]
pub(crate) async fn begin_passkey_reauthentication(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<CeremonyStart>> {
    let relying_party = WebauthnRelyingParty::new(&ctx)?;
    Ok(Json(renew_proof::begin_renewal(&ctx, &signed_in, &relying_party).await?))
}

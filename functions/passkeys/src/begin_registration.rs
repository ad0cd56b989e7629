//! `POST /v1/passkeys/options`

use axum::Json;
use axum::extract::State;
use shared::accounts::passkeys::{CeremonyStart, register};
use shared::context::Context;
use shared::http::openapi::{RecentProofErrors, SwitchErrors};
use shared::http::{self, CurrentSession, ErrorBody};

use crate::webauthn::WebauthnRelyingParty;

/// Start adding a passkey
///
/// Returns options for `navigator.credentials.create`, in the JSON form of WebAuthn Level 3. Send the response of the
/// authenticator to `POST /v1/passkeys` within 5 minutes. Requires a proof of identity of the last 10 minutes.
#[utoipa::path(
    post,
    path = "/v1/passkeys/options",
    tag = "Passkeys",
    security(("session" = [])),
    responses(
        (status = 200, body = CeremonyStart, description = "The options"),
        RecentProofErrors,
        (status = 409, body = ErrorBody, description = "`TOO_MANY_PASSKEYS`: an account can have at most 10"),
        SwitchErrors,
    )
)]
pub(crate) async fn begin_passkey_registration(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<CeremonyStart>> {
    let relying_party = WebauthnRelyingParty::new(&ctx)?;
    Ok(Json(register::begin_registration(&ctx, &signed_in, &relying_party).await?))
}

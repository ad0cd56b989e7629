//! `POST /v1/passkeys`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use shared::accounts::passkeys::PasskeyView;
use shared::accounts::passkeys::register::{PasskeyRegistrationParams, register};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SwitchErrors};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use shared::values::Name;
use utoipa::ToSchema;

use crate::ceremony_errors::CeremonyErrors;
use crate::webauthn::WebauthnRelyingParty;

/// Parameters for adding a passkey.
#[derive(Deserialize, ToSchema)]
#[schema(as = AddPasskey)]
pub(crate) struct Request {
    /// The `ceremony_id` of the options.
    #[schema(example = "cer_mfrggzdfmztwq2lknnwg23tpoa")]
    ceremony_id: String,
    /// Name of the passkey, on one line.
    #[schema(example = "Work laptop", max_length = 100)]
    name: String,
    /// What `navigator.credentials.create` returned, as `toJSON()` gives it.
    #[schema(value_type = Object)]
    credential: Value,
}

/// Add a passkey
///
/// Registers the passkey that an authenticator has created. The owner gets a mail. Requires a proof of identity of
/// the last 10 minutes.
#[utoipa::path(
    post,
    path = "/v1/passkeys",
    tag = "Passkeys",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = PasskeyView, description = "The passkey was added"),
        (status = 400, body = ErrorBody, description = "`INVALID_PASSKEY`: the response breaks a rule of WebAuthn, so start \
            again; `MISSING_CEREMONY_ID`, `MISSING_NAME`, `MISSING_CREDENTIAL`, `INVALID_FIELD`, `INVALID_JSON`"),
        CeremonyErrors,
        (status = 409, body = ErrorBody, description = "`PASSKEY_ALREADY_REGISTERED`: an account has this passkey; \
            `TOO_MANY_PASSKEYS`: an account can have at most 10"),
        BodyErrors,
        SwitchErrors,
    )
)]
pub(crate) async fn register_passkey(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<PasskeyView>> {
    http::require_not_blank("ceremony_id", &body.ceremony_id)?;
    let name = Name::parse(&body.name)?;
    let relying_party = WebauthnRelyingParty::new(&ctx)?;
    let registration = PasskeyRegistrationParams {
        ceremony_id: &body.ceremony_id,
        name: &name,
        response: &body.credential,
    };
    Ok(Json(register(&ctx, &signed_in, &relying_party, registration).await?))
}

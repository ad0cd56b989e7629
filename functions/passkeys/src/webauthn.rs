//! The WebAuthn protocol (Level 3), with the library `webauthn-rs`.
//!
//! The relying party id is the host of the deployment's public address, and the only accepted origin is that address.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::accounts::User;
use shared::accounts::passkeys::{
    AuthenticatorState, CEREMONY_TTL, Options, Refusal, RelyingParty, VerifiedCredential,
};
use shared::context::Context;
use shared::error::{Error, Result};
use shared::ids::UserId;
use webauthn_rs::prelude::{
    Credential, DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// Name of the service in the prompts of authenticators.
const RELYING_PARTY_NAME: &str = "AIUS";

/// Maximum length of a credential id in bytes (WebAuthn Level 3, 7.1 step 25).
const MAX_CREDENTIAL_ID_LEN: usize = 1023;

/// The relying party of a deployment.
pub(crate) struct WebauthnRelyingParty(Webauthn);

impl WebauthnRelyingParty {
    /// Creates the relying party of the deployment.
    ///
    /// # Errors
    /// An internal error if the public address of the deployment has no host.
    pub(crate) fn new(ctx: &Context) -> Result<Self> {
        let origin = Url::parse(ctx.config.origin()).map_err(Error::internal)?;
        let host = origin.host_str().ok_or_else(|| Error::internal("the base URL has no host"))?;
        let relying_party = WebauthnBuilder::new(host, &origin)
            .map_err(Error::internal)?
            .rp_name(RELYING_PARTY_NAME)
            .timeout(CEREMONY_TTL)
            .build()
            .map_err(Error::internal)?;
        Ok(Self(relying_party))
    }
}

impl RelyingParty for WebauthnRelyingParty {
    fn registration_options(&self, user: &User, registered: &[String]) -> Result<Options> {
        let (options, state) = self
            .0
            .start_passkey_registration(
                Uuid::from_bytes(user.id.to_bits()),
                user.email.as_str(),
                user.name.as_str(),
                None,
            )
            .map_err(Error::internal)?;
        let mut options = serde_json::to_value(&options).map_err(Error::internal)?;
        // Only the authenticator excludes them: here the guard refuses a second registration, with an error of its own.
        let excluded = registered.iter().map(|text| descriptor(text)).collect::<Result<_>>()?;
        options["publicKey"]["excludeCredentials"] = Value::Array(excluded);
        // A sign-in begins without a name, so that the authenticator has to know its users.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        Ok(Options { options, state: to_text(&state)? })
    }

    fn verify_registration(
        &self,
        state: &str,
        response: &Value,
    ) -> std::result::Result<VerifiedCredential, Refusal> {
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(unreadable)?;
        let response = RegisterPublicKeyCredential::deserialize(response).map_err(malformed)?;
        let passkey = self.0.finish_passkey_registration(&response, &state).map_err(refusal)?;
        if passkey.cred_id().len() > MAX_CREDENTIAL_ID_LEN {
            return Err(Refusal::Invalid("the credential id is too long".to_owned()));
        }
        // The library keeps transports only with an attestation, which is not asked for.
        let transports = response.response.transports;
        verified(Credential { transports, ..Credential::from(passkey) })
    }

    fn assertion_options(&self) -> Result<Options> {
        let (mut options, state) =
            self.0.start_discoverable_authentication().map_err(Error::internal)?;
        // The page decides whether the browser offers passkeys in a prompt or in the field of the address.
        options.mediation = None;
        let options = serde_json::to_value(&options).map_err(Error::internal)?;
        Ok(Options { options, state: to_text(&state)? })
    }

    fn parse_ids(&self, response: &Value) -> Option<(UserId, Vec<u8>)> {
        let response = PublicKeyCredential::deserialize(response).ok()?;
        let (user, credential_id) = self.0.identify_discoverable_authentication(&response).ok()?;
        Some((UserId::from_bits(user.as_bytes()), credential_id.to_vec()))
    }

    fn verify_assertion(
        &self,
        state: &str,
        response: &Value,
        credential: &str,
    ) -> std::result::Result<VerifiedCredential, Refusal> {
        let state: DiscoverableAuthentication = serde_json::from_str(state).map_err(unreadable)?;
        let response = PublicKeyCredential::deserialize(response).map_err(malformed)?;
        refuse_frames(&response)?;
        let mut passkey: Passkey = serde_json::from_str(credential).map_err(unreadable)?;
        let result = self
            .0
            .finish_discoverable_authentication_v2(
                &response,
                state,
                DiscoverableKey::from(&passkey),
            )
            .map_err(refusal)?;
        passkey.update_credential(&result);
        verified(Credential::from(passkey))
    }
}

/// Refuses a response that was given inside a page of another site (WebAuthn Level 3, 7.2 step 13). The library
/// checks it in registrations only.
fn refuse_frames(response: &PublicKeyCredential) -> std::result::Result<(), Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ClientData {
        #[serde(default)]
        cross_origin: bool,
    }
    let client_data = response.response.client_data_json.as_ref();
    let client_data: ClientData = serde_json::from_slice(client_data).map_err(malformed)?;
    if client_data.cross_origin {
        return Err(Refusal::Invalid("the response is from a frame of another site".to_owned()));
    }
    Ok(())
}

/// Describes a stored credential in the options of a registration.
fn descriptor(credential: &str) -> Result<Value> {
    let passkey: Passkey = serde_json::from_str(credential).map_err(Error::unreadable)?;
    let Credential { cred_id, transports, .. } = passkey.into();
    let transports = transports.unwrap_or_default();
    Ok(json!({"type": "public-key", "id": cred_id, "transports": transports}))
}

fn to_text(state: &impl Serialize) -> Result<String> {
    serde_json::to_string(state).map_err(Error::internal)
}

fn verified(credential: Credential) -> std::result::Result<VerifiedCredential, Refusal> {
    let transports = credential.transports.iter().flatten();
    Ok(VerifiedCredential {
        credential_id: credential.cred_id.to_vec(),
        authenticator: AuthenticatorState {
            transports: transports.map(ToString::to_string).collect(),
            is_backup_eligible: credential.backup_eligible,
            is_backed_up: credential.backup_state,
        },
        credential: serde_json::to_string(&Passkey::from(credential)).map_err(unreadable)?,
    })
}

fn unreadable(cause: serde_json::Error) -> Refusal {
    Refusal::Unreadable(cause.to_string())
}

/// Returns the refusal of a response that is not JSON. Drops the cause, because it quotes the response.
fn malformed(_cause: serde_json::Error) -> Refusal {
    Refusal::Invalid("the response is malformed".to_owned())
}

fn refusal(error: WebauthnError) -> Refusal {
    if let WebauthnError::CredentialPossibleCompromise = error {
        Refusal::PossibleCopy
    } else {
        Refusal::Invalid(error.to_string())
    }
}

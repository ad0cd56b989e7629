//! The WebAuthn protocol (Level 3), with the library `webauthn-rs`.
//!
//! The relying party id is the host of the deployment's public address, and the only accepted origin is that address.

use serde::{Deserialize, Serialize};
use serde_json::Value;
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
        let registered: Vec<Passkey> = registered
            .iter()
            .map(|text| serde_json::from_str(text))
            .collect::<std::result::Result<_, _>>()
            .map_err(Error::unreadable)?;
        let excluded = registered.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let (options, state) = self
            .0
            .start_passkey_registration(
                Uuid::from_bytes(user.id.to_bits()),
                user.email.as_str(),
                user.name.as_str(),
                Some(excluded),
            )
            .map_err(Error::internal)?;
        let mut options = serde_json::to_value(&options).map_err(Error::internal)?;
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
        let state: PasskeyRegistration = serde_json::from_str(state).map_err(invalid)?;
        let response = RegisterPublicKeyCredential::deserialize(response).map_err(invalid)?;
        let passkey = self.0.finish_passkey_registration(&response, &state).map_err(refusal)?;
        verified(&passkey)
    }

    fn assertion_options(&self) -> Result<Options> {
        let (mut options, state) =
            self.0.start_discoverable_authentication().map_err(Error::internal)?;
        // The page decides whether the browser offers passkeys in a prompt or in the field of the address.
        options.mediation = None;
        let options = serde_json::to_value(&options).map_err(Error::internal)?;
        Ok(Options { options, state: to_text(&state)? })
    }

    fn identify(&self, response: &Value) -> Option<(UserId, Vec<u8>)> {
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
        let state: DiscoverableAuthentication = serde_json::from_str(state).map_err(invalid)?;
        let response = PublicKeyCredential::deserialize(response).map_err(invalid)?;
        let mut passkey: Passkey = serde_json::from_str(credential).map_err(invalid)?;
        let result = self
            .0
            .finish_discoverable_authentication_v2(
                &response,
                state,
                &DiscoverableKey::from(&passkey),
            )
            .map_err(refusal)?;
        passkey.update_credential(&result);
        verified(&passkey)
    }
}

fn to_text(state: &impl Serialize) -> Result<String> {
    serde_json::to_string(state).map_err(Error::internal)
}

fn verified(passkey: &Passkey) -> std::result::Result<VerifiedCredential, Refusal> {
    let credential = Credential::from(passkey.clone());
    let transports = credential.transports.unwrap_or_default();
    Ok(VerifiedCredential {
        credential_id: passkey.cred_id().to_vec(),
        credential: serde_json::to_string(passkey).map_err(invalid)?,
        authenticator: AuthenticatorState {
            transports: transports.iter().map(ToString::to_string).collect(),
            is_backup_eligible: credential.backup_eligible,
            is_backed_up: credential.backup_state,
        },
    })
}

fn invalid(cause: impl std::fmt::Display) -> Refusal {
    Refusal::Invalid(cause.to_string())
}

fn refusal(error: WebauthnError) -> Refusal {
    if let WebauthnError::CredentialPossibleCompromise = error {
        Refusal::PossibleCopy
    } else {
        invalid(error)
    }
}

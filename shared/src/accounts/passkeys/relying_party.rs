//! The interface to the WebAuthn protocol.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::accounts::User;
use crate::error::{Error, Result};
use crate::ids::UserId;

/// The relying party of WebAuthn: makes the options of ceremonies and verifies the responses of authenticators.
pub trait RelyingParty {
    /// Returns the options for registering a passkey of `user`. `registered` are the credentials of the account, which
    /// an authenticator must not register again.
    ///
    /// # Errors
    /// An internal error if the options cannot be made.
    fn registration_options(&self, user: &User, registered: &[String]) -> Result<Options>;

    /// Verifies the response to a registration.
    ///
    /// # Errors
    /// [`Refusal`] if the response breaks a rule of WebAuthn.
    fn verify_registration(
        &self,
        state: &str,
        response: &Value,
    ) -> std::result::Result<VerifiedCredential, Refusal>;

    /// Returns the options for using a passkey of any account.
    ///
    /// # Errors
    /// An internal error if the options cannot be made.
    fn assertion_options(&self) -> Result<Options>;

    /// Returns the user id and the credential id that a response names, before it is verified. Returns `None` if the
    /// response is malformed or names no user.
    fn parse_ids(&self, response: &Value) -> Option<(UserId, Vec<u8>)>;

    /// Verifies a response against the stored `credential`.
    ///
    /// # Errors
    /// [`Refusal`] if the response breaks a rule of WebAuthn.
    fn verify_assertion(
        &self,
        state: &str,
        response: &Value,
        credential: &str,
    ) -> std::result::Result<VerifiedCredential, Refusal>;
}

/// The options of a ceremony, and what the relying party must remember until the response.
#[derive(Debug)]
pub struct Options {
    /// Argument of `navigator.credentials.create` or `navigator.credentials.get`, in the JSON form of WebAuthn Level 3.
    pub options: Value,
    /// State of the ceremony, in the form of the relying party. It contains the challenge.
    pub state: String,
}

/// A credential as it is after a verified response.
#[derive(Debug)]
pub struct VerifiedCredential {
    /// Credential id, which the authenticator chose.
    pub credential_id: Vec<u8>,
    /// The credential in the form of the relying party: public key, signature counter and flags.
    pub credential: String,
    /// What the authenticator says about itself.
    pub authenticator: AuthenticatorState,
}

/// What an authenticator says about itself and its credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticatorState {
    /// Ways to reach the authenticator, such as `internal`, `hybrid` or `usb` (WebAuthn Level 3, 5.8.4).
    pub transports: Vec<String>,
    /// Whether the credential may be copied to other devices of its owner.
    pub is_backup_eligible: bool,
    /// Whether the credential is copied to other devices now.
    pub is_backed_up: bool,
}

/// The reason why a response is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The signature counter is not above the stored one, so a copy of the authenticator may exist (WebAuthn Level 3,
    /// 7.2 step 22).
    #[error("the signature counter went back")]
    PossibleCopy,
    /// Another rule is broken. Holds the rule, for the log.
    #[error("{0}")]
    Invalid(String),
    /// The stored state or credential is unreadable. Holds the reason, for the log.
    #[error("{0}")]
    Unreadable(String),
}

impl Refusal {
    /// Logs the refusal and returns the error of the call: `refused`, or an internal error if it is not the response
    /// that is wrong.
    pub(super) fn into_error(self, refused: Error) -> Error {
        if let Self::Unreadable(reason) = self {
            return Error::unreadable(reason);
        }
        tracing::info!(refusal = %self, "a passkey was refused");
        refused
    }
}

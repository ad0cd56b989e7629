//! The identity from a verified ID token.

use crate::clock::Timestamp;
use crate::values::{EmailAddress, Name};

/// Maximum bytes of a `sub` (OpenID Connect Core 2).
pub(super) const MAX_SUBJECT_LEN: usize = 255;

/// The claims of a verified ID token. Issuer and subject identify the Google account permanently; all other
/// fields may change with each sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoogleIdentity {
    /// Issuer of the token: `iss`.
    pub issuer: String,
    /// Id of the account at the provider: `sub`.
    pub subject: String,
    /// Address of the account; `None` if it is absent or invalid here.
    pub email: Option<EmailAddress>,
    /// Whether the provider has verified the address.
    pub email_verified: bool,
    /// Time at which the person last signed in at the provider: `auth_time`. `None` if the provider does not
    /// tell; it has to if the authorization request has a `max_age`.
    pub auth_time: Option<Timestamp>,
    /// Name of the person; `None` if it is absent or invalid here.
    pub name: Option<Name>,
}

impl GoogleIdentity {
    /// Returns the address if the provider has verified it.
    pub fn verified_email(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.email_verified)
    }
}

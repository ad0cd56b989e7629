//! Who somebody is, by the provider's word.

use crate::values::{EmailAddress, Name};

/// Longest `sub` (OpenID Connect Core 2).
pub(super) const LONGEST_SUBJECT: usize = 255;

/// What a verified ID token says. Issuer and subject identify the account at Google, for ever; all
/// else is said of it at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who vouches: `iss`.
    pub issuer: String,
    /// The account there: `sub`.
    pub subject: String,
    /// Its address, where it has one that we could send mail to.
    pub email: Option<EmailAddress>,
    /// Whether the provider has made sure of the address.
    pub email_verified: bool,
    /// What the person is called there, where that is a name here as well.
    pub name: Option<Name>,
}

impl Identity {
    /// The address, where it is proven to be this person's.
    pub fn verified_email(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.email_verified)
    }
}

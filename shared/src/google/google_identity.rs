//! The identity from a verified ID token.

use crate::clock::Timestamp;
use crate::values::{EmailAddress, Name};

/// Maximum bytes of a `sub` (OpenID Connect Core 2).
pub(super) const MAX_SUBJECT_LEN: usize = 255;

/// The domain of Google's own mailboxes.
const GMAIL: &str = "gmail.com";

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
    /// Whether the provider has verified the address, at some time.
    pub email_verified: bool,
    /// Domain of the organization that hosts the account at Google Workspace: `hd`.
    pub hosted_domain: Option<String>,
    /// Time at which the person last signed in at the provider: `auth_time`. `None` if the provider does not
    /// tell; it has to if the authorization request has a `max_age`.
    pub auth_time: Option<Timestamp>,
    /// Name of the person; `None` if it is absent or invalid here.
    pub name: Option<Name>,
}

impl GoogleIdentity {
    /// Returns the address if the identity proves that its person has it now: Google has verified the address and
    /// hosts it itself, in Gmail or in the Workspace organization of the address's domain.
    ///
    /// Google verifies other addresses once, when the Google account is made. Since then the address may have
    /// become another person's.
    /// <https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>
    pub fn proven_email(&self) -> Option<&EmailAddress> {
        let is_hosted = |email: &&EmailAddress| {
            let hosted_domain = self.hosted_domain.as_deref();
            email.domain() == GMAIL
                || hosted_domain.is_some_and(|domain| domain.eq_ignore_ascii_case(email.domain()))
        };
        self.email.as_ref().filter(|_| self.email_verified).filter(is_hosted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_proven_only_where_google_hosts_it() {
        let identity = |email: &str, email_verified, hosted_domain: Option<&str>| GoogleIdentity {
            issuer: String::new(),
            subject: String::new(),
            email: EmailAddress::parse(email).ok(),
            email_verified,
            hosted_domain: hosted_domain.map(str::to_owned),
            auth_time: None,
            name: None,
        };
        for (email, hosted_domain) in [
            ("ada@gmail.com", None),
            ("Ada@GMail.com", Some("x.example")),
            ("ada@x.example", Some("x.example")),
            ("ada@x.example", Some("X.Example")),
        ] {
            assert!(identity(email, true, hosted_domain).proven_email().is_some(), "{email}");
            assert_eq!(identity(email, false, hosted_domain).proven_email(), None);
        }
        for (email, hosted_domain) in [
            ("ada@x.example", None),
            ("ada@x.example", Some("")),
            ("ada@x.example", Some("y.example")),
            ("ada@sub.x.example", Some("x.example")),
            ("ada@gmail.com.example", None),
            ("ada@evilgmail.com", None),
        ] {
            assert_eq!(identity(email, true, hosted_domain).proven_email(), None, "{email}");
        }
    }
}

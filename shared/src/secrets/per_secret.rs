//! The secrets of the service. Each function reads only some of them.

/// A value for each secret that a function reads. `None` stands for a secret that it does not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerSecret<T> {
    /// Keys of stored values, which every function with access to the table reads.
    pub storage: T,
    /// Keys that sign sessions.
    pub session: Option<T>,
    /// Keys of what signs users in.
    pub account: Option<T>,
    /// Keys that sign access tokens for other services.
    pub signing: Option<T>,
    /// That of the credentials at Google.
    pub google: Option<T>,
    /// That of the credentials at Stripe.
    pub stripe: Option<T>,
}

/// The secrets that a function reads besides the storage keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // one for each secret
pub struct SecretSelection {
    /// Whether it reads the session keys.
    pub session: bool,
    /// Whether it reads the account keys.
    pub account: bool,
    /// Whether it reads the keys that sign access tokens.
    pub signing: bool,
    /// Whether it reads the credentials at Google.
    pub google: bool,
    /// Whether it reads the credentials at Stripe.
    pub stripe: bool,
}

impl<T> PerSecret<T> {
    /// Returns the values of a function that reads fewer secrets.
    #[must_use]
    pub fn restricted_to(self, selection: SecretSelection) -> Self {
        Self {
            storage: self.storage,
            session: self.session.filter(|_| selection.session),
            account: self.account.filter(|_| selection.account),
            signing: self.signing.filter(|_| selection.signing),
            google: self.google.filter(|_| selection.google),
            stripe: self.stripe.filter(|_| selection.stripe),
        }
    }
}

//! The keys and credentials of a function, parsed from the JSON documents of its secrets.

use serde::Deserialize;

use super::credentials::{GoogleCredentials, StripeCredentials};
use super::document::parse_document;
use super::key_set::{KeyEntry, KeySet, SecretKey};
use super::per_secret::{PerSecret, SecretSelection};
use crate::error::{Error, Result};

/// The keys and credentials of a function. It has only those of the secrets that it reads.
#[derive(Clone, Debug)]
pub struct Keyring {
    pub(super) storage: StorageKeys,
    session: Option<KeySet>,
    account: Option<AccountKeys>,
    signing: Option<KeySet>,
    google: Option<GoogleCredentials>,
    stripe: Option<StripeCredentials>,
}

/// Keys that encrypt stored values, and that turn values into codes which the table may hold.
#[derive(Clone, Debug)]
pub struct StorageKeys {
    pub(super) encryption: KeySet,
    pub(super) macs: KeySet,
}

/// Keys of what signs users in: peppers of passwords, and keys of TOTP secrets, recovery codes and mailed codes.
#[derive(Clone, Debug)]
pub struct AccountKeys {
    peppers: KeySet,
    /// The keys of the stored values.
    pub(crate) storage: StorageKeys,
}

#[derive(Deserialize)]
struct StorageDocument {
    seed: String,
    encryption_keys: Option<Vec<KeyEntry>>,
    mac_keys: Option<Vec<KeyEntry>>,
}

#[derive(Deserialize)]
struct SessionDocument {
    seed: String,
    session_keys: Option<Vec<KeyEntry>>,
}

#[derive(Deserialize)]
struct SigningDocument {
    seed: String,
    signing_keys: Option<Vec<KeyEntry>>,
}

#[derive(Deserialize)]
struct AccountDocument {
    seed: String,
    encryption_keys: Option<Vec<KeyEntry>>,
    peppers: Option<Vec<KeyEntry>>,
}

const ENCRYPTION: &str = "aius encryption key v1";
const MACS: &str = "aius mac key v1";

impl Keyring {
    /// Parses the JSON documents of the secrets that the function reads.
    ///
    /// # Errors
    ///
    /// * An internal error if a document is invalid. It never quotes the document.
    pub fn parse(documents: &PerSecret<String>) -> Result<Self> {
        let PerSecret { storage, session, account, signing, google, stripe } = documents;
        Ok(Self {
            storage: StorageKeys::parse(storage)?,
            session: session.as_deref().map(parse_session_keys).transpose()?,
            account: account.as_deref().map(AccountKeys::parse).transpose()?,
            signing: signing.as_deref().map(parse_signing_keys).transpose()?,
            google: google.as_deref().map(GoogleCredentials::parse).transpose()?.flatten(),
            stripe: stripe.as_deref().map(StripeCredentials::parse).transpose()?.flatten(),
        })
    }

    /// Returns the keys of a function that reads fewer secrets.
    #[must_use]
    pub(super) fn restricted_to(self, selection: SecretSelection) -> Self {
        Self {
            storage: self.storage,
            session: self.session.filter(|_| selection.session),
            account: self.account.filter(|_| selection.account),
            signing: self.signing.filter(|_| selection.signing),
            google: self.google.filter(|_| selection.google),
            stripe: self.stripe.filter(|_| selection.stripe),
        }
    }

    /// Returns the keys that sign sessions.
    ///
    /// # Errors
    ///
    /// * An internal error in a function that does not read them.
    pub(crate) fn session_keys(&self) -> Result<&KeySet> {
        self.session.as_ref().ok_or_else(|| Error::internal("the function reads no session keys"))
    }

    /// Returns the keys of what signs users in.
    ///
    /// # Errors
    ///
    /// * An internal error in a function that does not read them.
    pub(crate) fn account(&self) -> Result<&AccountKeys> {
        self.account.as_ref().ok_or_else(|| Error::internal("the function reads no account keys"))
    }

    /// Returns the keys that sign access tokens for other services.
    ///
    /// # Errors
    ///
    /// * An internal error in a function that does not read them.
    pub(crate) fn signing_keys(&self) -> Result<&KeySet> {
        self.signing.as_ref().ok_or_else(|| Error::internal("the function reads no signing keys"))
    }

    /// Returns the credentials at Google, if there are any and the function reads them.
    pub(crate) fn google(&self) -> Option<&GoogleCredentials> {
        self.google.as_ref()
    }

    /// Returns the credentials at Stripe, if there are any and the function reads them.
    pub(crate) fn stripe(&self) -> Option<&StripeCredentials> {
        self.stripe.as_ref()
    }

    /// Creates the keyring of a unit test, whose secrets all hold the same document.
    #[cfg(test)]
    pub(crate) fn from_document(json: &str) -> Result<Self> {
        let document = || Some(json.to_owned());
        Self::parse(&PerSecret {
            storage: json.to_owned(),
            session: document(),
            account: document(),
            signing: document(),
            google: None,
            stripe: None,
        })
    }
}

impl StorageKeys {
    pub(super) fn parse(json: &str) -> Result<Self> {
        let StorageDocument { seed, encryption_keys, mac_keys } = parse_document("storage", json)?;
        Ok(Self {
            encryption: KeySet::derive(&seed, encryption_keys, ENCRYPTION)?,
            macs: KeySet::derive(&seed, mac_keys, MACS)?,
        })
    }
}

impl AccountKeys {
    pub(super) fn parse(json: &str) -> Result<Self> {
        let AccountDocument { seed, encryption_keys, peppers } = parse_document("account", json)?;
        Ok(Self {
            storage: StorageKeys {
                encryption: KeySet::derive(&seed, encryption_keys, ENCRYPTION)?,
                macs: KeySet::derive(&seed, peppers.clone(), MACS)?,
            },
            peppers: KeySet::derive(&seed, peppers, "aius pepper v1")?,
        })
    }

    /// Returns the peppers.
    pub(super) const fn peppers(&self) -> &KeySet {
        &self.peppers
    }

    /// Returns the pepper for new password hashes.
    pub(crate) fn active_pepper(&self) -> &SecretKey {
        self.peppers.active()
    }

    /// Finds a pepper by its id.
    pub(crate) fn pepper(&self, kid: &str) -> Option<&SecretKey> {
        self.peppers.find(kid)
    }
}

pub(super) fn parse_session_keys(json: &str) -> Result<KeySet> {
    let SessionDocument { seed, session_keys } = parse_document("session", json)?;
    KeySet::derive(&seed, session_keys, "aius session key v1")
}

pub(super) fn parse_signing_keys(json: &str) -> Result<KeySet> {
    let SigningDocument { seed, signing_keys } = parse_document("signing", json)?;
    KeySet::derive(&seed, signing_keys, "aius access token key v1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED_ONLY: &str = r#"{"seed":"0123456789abcdef0123456789abcdef"}"#;

    #[test]
    fn every_purpose_has_its_own_key() {
        let ring = Keyring::from_document(SEED_ONLY).unwrap();
        let peppers = &ring.account().unwrap().peppers;
        let (session, signing) = (ring.session_keys().unwrap(), ring.signing_keys().unwrap());
        let sets = [session, signing, &ring.storage.encryption, peppers, &ring.storage.macs];
        let all = sets.map(|keys| *keys.active().bytes());
        for (i, a) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|b| a != b));
        }
    }

    #[test]
    fn the_first_key_creates_and_all_keys_read() {
        let old = Keyring::from_document(SEED_ONLY).unwrap();
        let new = Keyring::from_document(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "session_keys":[{"kid":"2026-12","secret":"fedcba9876543210fedcba9876543210"},{"kid":"seed"}]}"#,
        )
        .unwrap();
        let (old, new) = (old.session_keys().unwrap(), new.session_keys().unwrap());
        assert_eq!(new.active().kid().as_str(), "2026-12");
        assert_eq!(new.find("seed").unwrap().bytes(), old.active().bytes());
        assert!(new.find("other").is_none());
    }

    #[test]
    fn a_function_has_only_the_keys_of_its_secrets() {
        let ring = Keyring::from_document(SEED_ONLY).unwrap();
        let ring = ring.restricted_to(SecretSelection { session: true, ..Default::default() });
        assert!(ring.session_keys().is_ok() && ring.account().is_err());
        assert!(ring.signing_keys().is_err());
        assert!(ring.google().is_none() && ring.stripe().is_none());
    }

    #[test]
    fn an_invalid_secret_is_rejected_and_never_quoted() {
        for bad in [
            "not json",
            r#"{"seed":"too short but secret"}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","peppers":[]}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","peppers":[{"kid":"other"}]}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","peppers":[{"kid":"TOO LONG A NAME","secret":"fedcba9876543210fedcba9876543210"}]}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","peppers":[{"kid":"a","secret":"secret"}]}"#,
        ] {
            let said = format!("{:?}", Keyring::from_document(bad).unwrap_err());
            assert!(!said.contains("0123456789") && !said.contains("secret but"), "{said}");
        }
    }

    #[test]
    fn debug_output_shows_only_key_ids() {
        let printed = format!("{:?}", Keyring::from_document(SEED_ONLY).unwrap());
        assert!(!printed.contains("[["), "{printed}");
        assert!(printed.contains("SecretKey(seed)"), "{printed}");
    }
}

//! The keys of the service by purpose, parsed from the secret's JSON document.

use std::fmt;

use hkdf::Hkdf;
use serde::Deserialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Id of the key that is derived from the seed.
const SEED_KEY_ID: &str = "seed";

/// Id of a key: 1–8 characters of `a-z0-9-`. A PHC string's `keyid` has at most 8 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyId(String);

impl KeyId {
    fn parse(text: String) -> Result<Self> {
        let fits = (1..=8).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits {
            Ok(Self(text))
        } else {
            Err(Error::internal("a kid in the secret is not 1-8 characters of a-z, 0-9 and -"))
        }
    }

    /// Returns the id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A 256-bit key with its id. Its `Debug` output hides the key.
#[derive(Clone)]
pub(crate) struct SecretKey {
    kid: KeyId,
    bytes: Zeroizing<[u8; 32]>,
}

impl SecretKey {
    /// Returns the id of the key.
    pub(crate) fn kid(&self) -> &KeyId {
        &self.kid
    }

    /// Returns the value of the key.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.kid.0)
    }
}

/// The keys of one purpose. The first creates new values, and all read existing ones.
#[derive(Clone, Debug)]
pub(crate) struct KeySet(Vec<SecretKey>);

impl KeySet {
    /// Returns the key that creates new values.
    pub(crate) fn active(&self) -> &SecretKey {
        // `derive_keys` rejects an empty list.
        &self.0[0]
    }

    /// Returns all keys, the active one first.
    pub(crate) fn all(&self) -> &[SecretKey] {
        &self.0
    }

    /// Finds a key by its id.
    pub(crate) fn find(&self, kid: &str) -> Option<&SecretKey> {
        self.0.iter().find(|key| key.kid.0 == kid)
    }
}

/// All keys and credentials of the service.
#[derive(Clone, Debug)]
pub struct Keyring {
    pub(crate) session: KeySet,
    pub(crate) encryption: KeySet,
    pub(crate) peppers: KeySet,
    pub(crate) macs: KeySet,
    pub(crate) google: Option<GoogleCredentials>,
    pub(crate) stripe: Option<StripeCredentials>,
}

/// Credentials of the service's Stripe account. The `Debug` output hides them.
#[derive(Clone)]
pub(crate) struct StripeCredentials {
    /// The secret key `sk_…`, or a restricted key `rk_…`.
    pub(crate) secret_key: Zeroizing<String>,
    /// The webhook signing secrets `whsec_…`. There are several while one is rotated.
    pub(crate) webhook_secrets: Vec<Zeroizing<String>>,
}

impl fmt::Debug for StripeCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StripeCredentials({} webhook secrets)", self.webhook_secrets.len())
    }
}

/// OAuth client credentials of the service at Google. The `Debug` output hides the secret.
#[derive(Clone)]
pub(crate) struct GoogleCredentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Zeroizing<String>,
}

impl fmt::Debug for GoogleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoogleCredentials({})", self.client_id)
    }
}

/// The secret's JSON document.
#[derive(Deserialize)]
struct SecretDocument {
    seed: String,
    session_keys: Option<Vec<KeyEntry>>,
    encryption_keys: Option<Vec<KeyEntry>>,
    peppers: Option<Vec<KeyEntry>>,
    google: Option<GoogleEntry>,
    stripe: Option<StripeEntry>,
}

#[derive(Deserialize)]
struct StripeEntry {
    secret_key: String,
    #[serde(default)]
    webhook_secrets: Vec<String>,
}

#[derive(Deserialize)]
struct GoogleEntry {
    client_id: String,
    client_secret: String,
}

#[derive(Clone, Deserialize)]
struct KeyEntry {
    kid: String,
    secret: Option<String>,
}

impl Keyring {
    /// Parses the secret's JSON document.
    ///
    /// # Errors
    ///
    /// * An internal error if the document is invalid. It never quotes the document.
    pub fn parse(json: &str) -> Result<Self> {
        let document: SecretDocument = serde_json::from_str(json).map_err(|e| {
            Error::internal(format!("the secret is not as documented: line {}", e.line()))
        })?;
        // 32 characters of a generated password have more than 128 bits of entropy.
        if document.seed.len() < 32 {
            return Err(Error::internal("the secret's seed is shorter than 32 characters"));
        }
        let seed = document.seed.as_bytes();
        let peppers = document.peppers;
        Ok(Self {
            session: derive_keys(seed, document.session_keys, "aius session key v1")?,
            encryption: derive_keys(seed, document.encryption_keys, "aius encryption key v1")?,
            macs: derive_keys(seed, peppers.clone(), "aius mac key v1")?,
            peppers: derive_keys(seed, peppers, "aius pepper v1")?,
            google: document.google.map(parse_google).transpose()?,
            stripe: document.stripe.map(parse_stripe).transpose()?,
        })
    }

    /// Returns the key that signs new sessions.
    pub(crate) fn active_session_key(&self) -> &SecretKey {
        self.session.active()
    }

    /// Finds a session key by its id.
    pub(crate) fn session_key(&self, kid: &str) -> Option<&SecretKey> {
        self.session.find(kid)
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

fn parse_google(entry: GoogleEntry) -> Result<GoogleCredentials> {
    let GoogleEntry { client_id, client_secret } = entry;
    if client_id.trim().is_empty() || client_secret.trim().is_empty() {
        return Err(Error::internal("the secret's google has no client_id or no client_secret"));
    }
    Ok(GoogleCredentials { client_id, client_secret: Zeroizing::new(client_secret) })
}

fn parse_stripe(entry: StripeEntry) -> Result<StripeCredentials> {
    let StripeEntry { secret_key, webhook_secrets } = entry;
    let is_key = ["sk_", "rk_"].iter().any(|prefix| secret_key.starts_with(prefix));
    if !is_key || secret_key.trim() != secret_key {
        return Err(Error::internal("the secret's stripe has no secret_key sk_… or rk_…"));
    }
    // An empty signing secret would let anybody sign webhooks.
    if webhook_secrets.iter().any(|secret| !secret.starts_with("whsec_") || secret.len() < 16) {
        return Err(Error::internal("one of the secret's webhook_secrets is not whsec_…"));
    }
    let webhook_secrets = webhook_secrets.into_iter().map(Zeroizing::new).collect();
    Ok(StripeCredentials { secret_key: Zeroizing::new(secret_key), webhook_secrets })
}

fn derive_keys(seed: &[u8], entries: Option<Vec<KeyEntry>>, purpose: &str) -> Result<KeySet> {
    let entries =
        entries.unwrap_or_else(|| vec![KeyEntry { kid: SEED_KEY_ID.to_owned(), secret: None }]);
    if entries.is_empty() {
        return Err(Error::internal("a list of keys in the secret is empty"));
    }
    let keys = entries.into_iter().map(|entry| {
        let material = match &entry.secret {
            Some(secret) if secret.len() >= 32 => secret.as_bytes(),
            Some(_) => {
                return Err(Error::internal("a key in the secret is shorter than 32 characters"));
            }
            None if entry.kid == SEED_KEY_ID => seed,
            None => {
                return Err(Error::internal("only the entry named seed may have no secret"));
            }
        };
        // HKDF (RFC 5869) derives a uniform 256-bit key, which differs by purpose. The same secret may therefore be
        // in several lists.
        let mut bytes = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, material)
            .expand(purpose.as_bytes(), bytes.as_mut())
            .map_err(|_| Error::internal("HKDF refused 32 bytes"))?;
        Ok(SecretKey { kid: KeyId::parse(entry.kid)?, bytes })
    });
    Ok(KeySet(keys.collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED_ONLY: &str = r#"{"seed":"0123456789abcdef0123456789abcdef"}"#;

    #[test]
    fn every_purpose_has_its_own_key() {
        let ring = Keyring::parse(SEED_ONLY).unwrap();
        let all = [&ring.session, &ring.encryption, &ring.peppers, &ring.macs]
            .map(|keys| *keys.active().bytes());
        for (i, a) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|b| a != b));
        }
    }

    #[test]
    fn the_first_key_creates_and_all_keys_read() {
        let old = Keyring::parse(SEED_ONLY).unwrap();
        let new = Keyring::parse(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "session_keys":[{"kid":"2026-12","secret":"fedcba9876543210fedcba9876543210"},{"kid":"seed"}]}"#,
        )
        .unwrap();
        assert_eq!(new.active_session_key().kid().as_str(), "2026-12");
        assert_eq!(new.session_key("seed").unwrap().bytes(), old.active_session_key().bytes());
        assert!(new.session_key("other").is_none());
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
            r#"{"seed":"0123456789abcdef0123456789abcdef","google":{"client_id":"secret but"}}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","google":{"client_id":"","client_secret":"secret but"}}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","google":{"client_id":"secret but","client_secret":" "}}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","stripe":{"secret_key":"secret but"}}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","stripe":{"secret_key":"sk_secret but\n"}}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","stripe":{"secret_key":"sk_x","webhook_secrets":[""]}}"#,
            r#"{"seed":"0123456789abcdef0123456789abcdef","stripe":{"secret_key":"sk_x","webhook_secrets":["secret but not whsec_"]}}"#,
        ] {
            let said = format!("{:?}", Keyring::parse(bad).unwrap_err());
            assert!(!said.contains("0123456789") && !said.contains("secret but"), "{said}");
        }
    }

    #[test]
    fn google_credentials_are_parsed_and_never_printed() {
        let google = r#"{"seed":"0123456789abcdef0123456789abcdef",
            "google":{"client_id":"us.example","client_secret":"GOCSPX-x"}}"#;
        let ring = Keyring::parse(google).unwrap();
        assert_eq!(ring.google.as_ref().unwrap().client_secret.as_str(), "GOCSPX-x");
        let printed = format!("{ring:?}");
        assert!(printed.contains("us.example") && !printed.contains("GOCSPX"), "{printed}");
        assert!(Keyring::parse(SEED_ONLY).unwrap().google.is_none());
    }

    #[test]
    fn stripe_credentials_are_parsed_and_never_printed() {
        let stripe = r#"{"seed":"0123456789abcdef0123456789abcdef",
            "stripe":{"secret_key":"sk_test_x","webhook_secrets":["whsec_0123456789"]}}"#;
        let ring = Keyring::parse(stripe).unwrap();
        let account = ring.stripe.as_ref().unwrap();
        assert_eq!(account.secret_key.as_str(), "sk_test_x");
        assert_eq!(account.webhook_secrets.len(), 1);
        let printed = format!("{ring:?}");
        assert!(!printed.contains("sk_test") && !printed.contains("whsec"), "{printed}");
        assert!(Keyring::parse(SEED_ONLY).unwrap().stripe.is_none());
    }

    #[test]
    fn debug_output_shows_only_key_ids() {
        assert!(
            !format!("{:?}", Keyring::parse(SEED_ONLY).unwrap())
                .contains('['.to_string().repeat(2).as_str())
        );
        assert!(format!("{:?}", Keyring::parse(SEED_ONLY).unwrap()).contains("SecretKey(seed)"));
    }
}

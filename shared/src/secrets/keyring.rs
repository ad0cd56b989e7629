//! The keys by purpose, each with its id.

use std::fmt;

use hkdf::Hkdf;
use serde::Deserialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// The entry that is derived from the seed instead of being given.
const SEED: &str = "seed";

/// The name of a key: 1–8 characters of `a-z0-9-` (8 bytes is what a PHC string's `keyid` takes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kid(String);

impl Kid {
    fn parse(text: String) -> Result<Self> {
        let fits = (1..=8).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits {
            Ok(Self(text))
        } else {
            Err(Error::internal("a kid in the secret is not 1-8 characters of a-z, 0-9 and -"))
        }
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// 256 bits with a name. Never printed.
#[derive(Clone)]
pub(crate) struct Key {
    kid: Kid,
    bytes: Zeroizing<[u8; 32]>,
}

impl Key {
    /// Its name.
    pub(crate) fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Its value.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.kid.0)
    }
}

/// Keys for one purpose: the first makes, all read.
#[derive(Clone, Debug)]
pub(crate) struct Keys(Vec<Key>);

impl Keys {
    pub(crate) fn active(&self) -> &Key {
        // `Keyring::keys` refuses an empty list.
        &self.0[0]
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.kid.0 == kid)
    }
}

/// All keys.
#[derive(Clone, Debug)]
pub struct Keyring {
    pub(crate) session: Keys,
    pub(crate) encryption: Keys,
    pub(crate) peppers: Keys,
    pub(crate) macs: Keys,
    pub(crate) google: Option<GoogleClient>,
    pub(crate) stripe: Option<StripeAccount>,
}

/// Our account at Stripe. Its secrets are never printed.
#[derive(Clone)]
pub(crate) struct StripeAccount {
    /// `sk_…`, or `rk_…` with fewer rights.
    pub(crate) secret_key: Zeroizing<String>,
    /// `whsec_…`: several while one takes over from another.
    pub(crate) webhook_secrets: Vec<Zeroizing<String>>,
}

impl fmt::Debug for StripeAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StripeAccount({} webhook secrets)", self.webhook_secrets.len())
    }
}

/// Who the service is at Google. The secret is never printed.
#[derive(Clone)]
pub(crate) struct GoogleClient {
    pub(crate) client_id: String,
    pub(crate) client_secret: Zeroizing<String>,
}

impl fmt::Debug for GoogleClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoogleClient({})", self.client_id)
    }
}

#[derive(Deserialize)]
struct Document {
    seed: String,
    session_keys: Option<Vec<Entry>>,
    encryption_keys: Option<Vec<Entry>>,
    peppers: Option<Vec<Entry>>,
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
struct Entry {
    kid: String,
    secret: Option<String>,
}

impl Keyring {
    /// Reads the secret's JSON. What is wrong with it is said without quoting it.
    pub fn parse(json: &str) -> Result<Self> {
        let document: Document = serde_json::from_str(json).map_err(|e| {
            Error::internal(format!("the secret is not as documented: line {}", e.line()))
        })?;
        // 32 characters of a generated password are more than 128 bits.
        if document.seed.len() < 32 {
            return Err(Error::internal("the secret's seed is shorter than 32 characters"));
        }
        let seed = document.seed.as_bytes();
        let peppers = document.peppers;
        Ok(Self {
            session: keys(seed, document.session_keys, "aius session key v1")?,
            encryption: keys(seed, document.encryption_keys, "aius encryption key v1")?,
            macs: keys(seed, peppers.clone(), "aius mac key v1")?,
            peppers: keys(seed, peppers, "aius pepper v1")?,
            google: document.google.map(google_client).transpose()?,
            stripe: document.stripe.map(stripe_account).transpose()?,
        })
    }

    /// The key that signs new sessions.
    pub(crate) fn active_session_key(&self) -> &Key {
        self.session.active()
    }

    /// The session key of that name.
    pub(crate) fn session_key(&self, kid: &str) -> Option<&Key> {
        self.session.find(kid)
    }

    /// The secret that is mixed into new password hashes.
    pub(crate) fn active_pepper(&self) -> &Key {
        self.peppers.active()
    }

    /// The pepper of that name.
    pub(crate) fn pepper(&self, kid: &str) -> Option<&Key> {
        self.peppers.find(kid)
    }
}

fn google_client(entry: GoogleEntry) -> Result<GoogleClient> {
    let GoogleEntry { client_id, client_secret } = entry;
    if client_id.trim().is_empty() || client_secret.trim().is_empty() {
        return Err(Error::internal("the secret's google has no client_id or no client_secret"));
    }
    Ok(GoogleClient { client_id, client_secret: Zeroizing::new(client_secret) })
}

fn stripe_account(entry: StripeEntry) -> Result<StripeAccount> {
    let StripeEntry { secret_key, webhook_secrets } = entry;
    let is_key = ["sk_", "rk_"].iter().any(|prefix| secret_key.starts_with(prefix));
    if !is_key || secret_key.trim() != secret_key {
        return Err(Error::internal("the secret's stripe has no secret_key sk_… or rk_…"));
    }
    // With an empty one, anybody could sign.
    if webhook_secrets.iter().any(|secret| !secret.starts_with("whsec_") || secret.len() < 16) {
        return Err(Error::internal("one of the secret's webhook_secrets is not whsec_…"));
    }
    let webhook_secrets = webhook_secrets.into_iter().map(Zeroizing::new).collect();
    Ok(StripeAccount { secret_key: Zeroizing::new(secret_key), webhook_secrets })
}

fn keys(seed: &[u8], entries: Option<Vec<Entry>>, purpose: &str) -> Result<Keys> {
    let entries = entries.unwrap_or_else(|| vec![Entry { kid: SEED.to_owned(), secret: None }]);
    if entries.is_empty() {
        return Err(Error::internal("a list of keys in the secret is empty"));
    }
    let keys = entries.into_iter().map(|entry| {
        let material = match &entry.secret {
            Some(secret) if secret.len() >= 32 => secret.as_bytes(),
            Some(_) => {
                return Err(Error::internal("a key in the secret is shorter than 32 characters"));
            }
            None if entry.kid == SEED => seed,
            None => {
                return Err(Error::internal("only the entry named seed may have no secret"));
            }
        };
        // HKDF (RFC 5869) makes 256 even bits of any generated text, and different ones for each
        // purpose, so that one text may serve several lists.
        let mut bytes = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, material)
            .expand(purpose.as_bytes(), bytes.as_mut())
            .map_err(|_| Error::internal("HKDF refused 32 bytes"))?;
        Ok(Key { kid: Kid::parse(entry.kid)?, bytes })
    });
    Ok(Keys(keys.collect::<Result<_>>()?))
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
    fn a_rotated_list_makes_with_the_first_and_reads_with_all() {
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
    fn a_bad_secret_is_refused_and_never_quoted() {
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
    fn the_client_at_google_is_read_and_its_secret_never_printed() {
        let google = r#"{"seed":"0123456789abcdef0123456789abcdef",
            "google":{"client_id":"us.example","client_secret":"GOCSPX-x"}}"#;
        let ring = Keyring::parse(google).unwrap();
        assert_eq!(ring.google.as_ref().unwrap().client_secret.as_str(), "GOCSPX-x");
        let printed = format!("{ring:?}");
        assert!(printed.contains("us.example") && !printed.contains("GOCSPX"), "{printed}");
        assert!(Keyring::parse(SEED_ONLY).unwrap().google.is_none());
    }

    #[test]
    fn the_account_at_stripe_is_read_and_its_secrets_never_printed() {
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
    fn printing_a_keyring_shows_names_only() {
        assert!(
            !format!("{:?}", Keyring::parse(SEED_ONLY).unwrap())
                .contains('['.to_string().repeat(2).as_str())
        );
        assert!(format!("{:?}", Keyring::parse(SEED_ONLY).unwrap()).contains("Key(seed)"));
    }
}

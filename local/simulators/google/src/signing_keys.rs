//! The keys that sign ID tokens.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use data_encoding::BASE64URL_NOPAD;
use local_support::Random;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// A failure to generate or use a key. The cryptography library gives no reason.
#[derive(Debug, thiserror::Error)]
#[error("a signing key could not be generated or used")]
pub(crate) struct SigningError;

/// The published RSA key of 2048 bits. The stacks of a process share it, because its generation is slow.
static PUBLISHED: OnceCell<KeyPair> = OnceCell::const_new();

/// The unpublished RSA key of 2048 bits.
static UNPUBLISHED: OnceCell<KeyPair> = OnceCell::const_new();

/// Two RSA keys, which are generated on first use because most stacks need neither.
#[derive(Debug)]
pub(crate) struct SigningKeys {
    /// The id of the published key in this stack.
    key_id: String,
}

/// Selects one of the two signing keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SigningKey {
    /// The key in the JSON Web Key Set.
    Published,
    /// A key that clients cannot know.
    Unpublished,
}

impl SigningKeys {
    /// Returns keys with a new key id. The keys themselves are generated later.
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self { key_id: random.identifier() }
    }

    /// Returns the id (`kid`) of the published key.
    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns the published key as a JSON Web Key Set.
    ///
    /// # Errors
    /// Fails if the key cannot be generated.
    pub(crate) async fn to_jwks(&self) -> Result<Value, SigningError> {
        let public_key = key_pair(SigningKey::Published).await?.public_key();
        let encode = |number: &[u8]| BASE64URL_NOPAD.encode(number);
        Ok(json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "n": encode(public_key.modulus().big_endian_without_leading_zero()),
            "e": encode(public_key.exponent().big_endian_without_leading_zero()),
        }]}))
    }
}

/// Signs a message with RSASSA-PKCS1-v1_5 and SHA-256.
///
/// # Errors
/// Fails if the key cannot be generated or used.
pub(crate) async fn sign_rs256(key: SigningKey, message: &[u8]) -> Result<Vec<u8>, SigningError> {
    let key_pair = key_pair(key).await?;
    let mut signature = vec![0; key_pair.public_modulus_len()];
    key_pair
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
        .map_err(|Unspecified| SigningError)?;
    Ok(signature)
}

async fn key_pair(key: SigningKey) -> Result<&'static KeyPair, SigningError> {
    let cell = match key {
        SigningKey::Published => &PUBLISHED,
        SigningKey::Unpublished => &UNPUBLISHED,
    };
    cell.get_or_try_init(|| async {
        let generated = tokio::task::spawn_blocking(|| KeyPair::generate(KeySize::Rsa2048)).await;
        generated.map_err(|_| SigningError)?.map_err(|Unspecified| SigningError)
    })
    .await
}

/// Signs a message with HMAC and SHA-256.
pub(crate) fn sign_hs256(secret: &str, message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, message).as_ref().to_vec()
}

//! The keys that ID tokens are signed with.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use shared::random::Random;
use tokio::sync::OnceCell;

/// Something in the making or the use of a key failed; the library doesn't say what.
#[derive(Debug, thiserror::Error)]
#[error("a key could not be made or used")]
pub(super) struct KeyError;

/// Two RSA keys of 2048 bits, each made when it is first needed: it takes a moment, and most stacks
/// never need one.
#[derive(Debug)]
pub(super) struct Keys {
    kid: String,
    current: OnceCell<KeyPair>,
    /// A key that is published nowhere.
    other: OnceCell<KeyPair>,
}

/// Which of the keys signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    Current,
    Other,
}

impl Keys {
    pub(super) fn new(random: &dyn Random) -> Self {
        Self { kid: random.identifier(), current: OnceCell::new(), other: OnceCell::new() }
    }

    /// The name of the key that is published.
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// The published keys, as a JSON Web Key Set.
    pub(super) async fn published(&self) -> Result<Value, KeyError> {
        let public = self.pair(Signer::Current).await?.public_key();
        let encode = |number: &[u8]| BASE64URL_NOPAD.encode(number);
        Ok(json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        }]}))
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256.
    pub(super) async fn rs256(&self, signer: Signer, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let pair = self.pair(signer).await?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|Unspecified| KeyError)?;
        Ok(signature)
    }

    async fn pair(&self, signer: Signer) -> Result<&KeyPair, KeyError> {
        let cell = match signer {
            Signer::Current => &self.current,
            Signer::Other => &self.other,
        };
        cell.get_or_try_init(|| async {
            let made = tokio::task::spawn_blocking(|| KeyPair::generate(KeySize::Rsa2048)).await;
            made.map_err(|_| KeyError)?.map_err(|Unspecified| KeyError)
        })
        .await
    }
}

/// HMAC with SHA-256.
pub(super) fn hs256(secret: &str, message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, message).as_ref().to_vec()
}

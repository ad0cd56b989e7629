//! Defects of the next ID token, with which a test proves that the service refuses bad tokens.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::signing_keys::SigningKey;

/// The changes to the next ID token. The default changes nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdTokenFault {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    azp: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<SigningAlgorithm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<WrongKey>,
    /// The names of claims to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    drop: Vec<String>,
}

/// The algorithm that signs a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SigningAlgorithm {
    #[serde(rename = "none")]
    Unsigned,
    /// HMAC with the client secret as the key.
    #[serde(rename = "HS256")]
    Hs256,
    /// RSA with one of the signing keys.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
}

/// The key that signs instead of the published one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrongKey {
    /// An unpublished key, under the id of the published one.
    Other,
}

impl IdTokenFault {
    /// Returns which fields contradict each other, or `None`.
    pub(crate) fn find_problem(&self) -> Option<&'static str> {
        let is_key_unused = self.key.is_some() && self.algorithm() != SigningAlgorithm::Rs256;
        is_key_unused.then_some("key can only be set together with the alg RS256")
    }

    /// Replaces and removes claims.
    pub(crate) fn apply_to(&self, claims: &mut Map<String, Value>) {
        let changes = [
            ("iss", &self.iss),
            ("aud", &self.aud),
            ("azp", &self.azp),
            ("nonce", &self.nonce),
            ("iat", &self.iat),
            ("exp", &self.exp),
            ("auth_time", &self.auth_time),
        ];
        for (name, value) in changes {
            if let Some(value) = value {
                claims.insert(name.to_owned(), value.clone());
            }
        }
        for name in &self.drop {
            claims.remove(name);
        }
    }

    /// Returns the algorithm that signs the token.
    pub(crate) fn algorithm(&self) -> SigningAlgorithm {
        self.alg.unwrap_or_default()
    }

    /// Returns the RSA key that signs the token.
    pub(crate) fn signing_key(&self) -> SigningKey {
        match self.key {
            Some(WrongKey::Other) => SigningKey::Unpublished,
            None => SigningKey::Published,
        }
    }
}

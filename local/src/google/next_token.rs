//! What is to be wrong with the next ID token, so that a test sees its service refuse it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::keys::Signer;

/// Changes to the next ID token; without any it is as it should be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NextToken {
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
    alg: Option<Algorithm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Key>,
    /// Claims to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    drop: Vec<String>,
}

/// What a token is signed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    /// With nothing.
    #[serde(rename = "none")]
    Unsigned,
    /// With the client's secret.
    #[serde(rename = "HS256")]
    Hs256,
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    /// One that isn't published, under the name of the one that is.
    Other,
}

impl NextToken {
    /// What contradicts itself, in words.
    pub(super) fn defect(&self) -> Option<&'static str> {
        let unused = self.key.is_some() && self.algorithm() != Algorithm::Rs256;
        unused.then_some("key goes with the alg RS256 alone")
    }

    pub(super) fn change(&self, claims: &mut Map<String, Value>) {
        let changes = [
            ("iss", &self.iss),
            ("aud", &self.aud),
            ("azp", &self.azp),
            ("nonce", &self.nonce),
            ("iat", &self.iat),
            ("exp", &self.exp),
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

    pub(super) fn algorithm(&self) -> Algorithm {
        self.alg.unwrap_or_default()
    }

    pub(super) fn signer(&self) -> Signer {
        match self.key {
            Some(Key::Other) => Signer::Other,
            None => Signer::Current,
        }
    }
}

//! A token's plain text in a response.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::PlainToken;

/// A token's plain text, for the one response that shows it. It is never printed, and is wiped from
/// memory after use.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(from = "String")]
#[schema(value_type = String, example = "aius_AWFrKxm…")]
pub struct RevealedToken(Zeroizing<String>);

impl RevealedToken {
    /// Returns the plain text, for the page that shows it once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&PlainToken> for RevealedToken {
    fn from(token: &PlainToken) -> Self {
        Self(Zeroizing::new(token.reveal().to_owned()))
    }
}

impl From<String> for RevealedToken {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl Serialize for RevealedToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Debug for RevealedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevealedToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revealed_token_is_serialized_but_never_printed() {
        let revealed = RevealedToken::from("aius_x".to_owned());
        assert_eq!(format!("{revealed:?}"), "RevealedToken(…)");
        let json = serde_json::to_string(&revealed).unwrap();
        assert_eq!(json, r#""aius_x""#);
        assert_eq!(*serde_json::from_str::<RevealedToken>(&json).unwrap().0, "aius_x");
    }
}

//! The verifier of access tokens that the README shows. `tests/checks/readme_verifiers.rs` compares them.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;

/// Returns the claims of an access token, or `None` unless it is one of `issuer` for `audience`.
pub fn verify(keys: &JwkSet, token: &str, issuer: &str, audience: &str) -> Option<Value> {
    let header = decode_header(token).ok()?;
    let key = DecodingKey::from_jwk(keys.find(header.kid.as_deref()?)?).ok()?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_required_spec_claims(&["exp", "iss", "aud"]);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    rules.leeway = 30;
    let claims = decode(token, &key, &rules).ok()?.claims;
    (header.typ.as_deref() == Some("at+jwt")).then_some(claims)
}

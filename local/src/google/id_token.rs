//! The ID token: who signed in, for whom and when, signed.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::claims::about_account;
use super::grants::{Grant, TOKEN_LIFETIME};
use super::keys::{KeyError, hs256};
use super::next_token::Algorithm;
use super::{Credentials, Google};

/// The ID token that belongs to an access token, with the claims that Google documents, but for
/// `picture` and `hd`; changed as was asked for.
pub(super) async fn issue(
    google: &Google,
    grant: &Grant,
    access_token: &str,
) -> Result<String, KeyError> {
    let Credentials { client_id, client_secret } = &google.client;
    let now = google.now();
    let mut claims = about_account(grant);
    let mut tell = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    tell("iss", google.issuer.clone().into());
    tell("azp", client_id.clone().into());
    tell("aud", client_id.clone().into());
    tell("at_hash", half_hash(access_token).into());
    tell("iat", now.seconds().into());
    tell("exp", now.plus(TOKEN_LIFETIME).seconds().into());
    if let Some(nonce) = &grant.nonce {
        tell("nonce", nonce.clone().into());
    }
    let next = google.take_next_token();
    next.change(&mut claims);

    let header = json!({"alg": next.algorithm(), "kid": google.keys.kid(), "typ": "JWT"});
    let encode = |part: String| BASE64URL_NOPAD.encode(part.as_bytes());
    let message =
        format!("{}.{}", encode(header.to_string()), encode(Value::Object(claims).to_string()));
    let signature = match next.algorithm() {
        Algorithm::Unsigned => Vec::new(),
        Algorithm::Hs256 => hs256(client_secret, message.as_bytes()),
        Algorithm::Rs256 => google.keys.rs256(next.signer(), message.as_bytes()).await?,
    };
    Ok(format!("{message}.{}", BASE64URL_NOPAD.encode(&signature)))
}

/// The left half of the hash, which ties the ID token to the access token (OpenID Connect Core
/// 3.1.3.6).
fn half_hash(access_token: &str) -> String {
    let hash = digest(&SHA256, access_token.as_bytes());
    BASE64URL_NOPAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_hash_is_the_standards_own() {
        // OpenID Connect Core, appendix A.4.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}

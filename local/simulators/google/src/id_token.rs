//! Issues ID tokens.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::claims::account_claims;
use crate::credentials::ClientCredentials;
use crate::grants::{Grant, TOKEN_TTL};
use crate::id_token_fault::SigningAlgorithm;
use crate::signing_keys::{SigningError, sign_hs256, sign_rs256};
use crate::simulator::GoogleSimulator;

/// Issues the ID token that belongs to an access token.
///
/// It has the claims that Google documents except `picture`. The defects that the control
/// endpoint set for the next token are applied to it.
///
/// # Errors
/// Fails if the signing key cannot be generated or used.
pub(crate) async fn issue(
    google: &GoogleSimulator,
    grant: &Grant,
    access_token: &str,
) -> Result<String, SigningError> {
    let ClientCredentials { client_id, client_secret } = &google.client;
    let now = google.now();
    let mut claims = account_claims(grant);
    let mut insert = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    insert("iss", google.issuer.clone().into());
    insert("azp", client_id.clone().into());
    insert("aud", client_id.clone().into());
    insert("at_hash", access_token_hash(access_token).into());
    insert("iat", now.into());
    insert("exp", (now + TOKEN_TTL).into());
    if let Some(nonce) = &grant.nonce {
        insert("nonce", nonce.clone().into());
    }
    if let Some(auth_time) = grant.auth_time {
        insert("auth_time", auth_time.into());
    }
    let fault = google.take_id_token_fault();
    fault.apply_to(&mut claims);

    let header =
        json!({"alg": fault.algorithm(), "kid": google.signing_keys.key_id(), "typ": "JWT"});
    let encode = |part: String| BASE64URL_NOPAD.encode(part.as_bytes());
    let message =
        format!("{}.{}", encode(header.to_string()), encode(Value::Object(claims).to_string()));
    let signature = match fault.algorithm() {
        SigningAlgorithm::Unsigned => Vec::new(),
        SigningAlgorithm::Hs256 => sign_hs256(client_secret, message.as_bytes()),
        SigningAlgorithm::Rs256 => sign_rs256(fault.signing_key(), message.as_bytes()).await?,
    };
    Ok(format!("{message}.{}", BASE64URL_NOPAD.encode(&signature)))
}

/// Returns the `at_hash` claim: the left half of the access token's SHA-256 hash (OpenID Connect Core,
/// section 3.1.3.6).
fn access_token_hash(access_token: &str) -> String {
    let hash = digest(&SHA256, access_token.as_bytes());
    BASE64URL_NOPAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_token_hash_matches_the_example_of_the_standard() {
        // OpenID Connect Core, appendix A.4.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(access_token_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}

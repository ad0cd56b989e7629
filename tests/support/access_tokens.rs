//! Access tokens: requests for them, and forgeries of them.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use shared::clock::{Clock, SystemClock};

use crate::verifier::verify;
use crate::{Reply, TestApp, Visitor};

/// The service that the tests ask access tokens for.
pub const AUDIENCE: &str = "https://runs.example";

/// Sends an exchange.
pub async fn exchange(bearer: &Visitor, body: Value) -> Reply {
    bearer.post("/v1/token/exchange", body).await
}

/// Exchanges a token or key for an access token for [`AUDIENCE`].
pub async fn access_token(app: &TestApp, bearer: &str) -> String {
    let visitor = app.visitor().with_bearer(bearer);
    let reply = exchange(&visitor, json!({"audience": AUDIENCE})).await.expect(200).json();
    reply["access_token"].as_str().unwrap().to_owned()
}

/// Fetches the public keys.
pub async fn key_set(app: &TestApp) -> JwkSet {
    let keys = app.visitor().get("/.well-known/jwks.json").await.expect(200);
    serde_json::from_value(keys.json()).unwrap()
}

/// Verifies an access token as the service [`AUDIENCE`], with the verifier of the README.
pub fn verify_as_service(app: &TestApp, keys: &JwkSet, token: &str) -> Option<Value> {
    verify(keys, token, &app.stack().context().config.base_url, AUDIENCE)
}

/// Reads a part of a token without verifying it: 0 for the header, 1 for the claims.
pub fn read_part(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// Returns the private key of a stranger, in PKCS#8.
fn strangers_key() -> EncodingKey {
    let prefix = HEXLOWER.decode(b"302e020100300506032b657004220420").unwrap();
    EncodingKey::from_ed_der(&[prefix, vec![7; 32]].concat())
}

/// Signs what an issuer never signs as an access token, each with what is wrong. Returns them with a correct one, and
/// the key set of that issuer.
pub fn unsuitable_tokens(issuer: &str) -> (JwkSet, String, Vec<(&'static str, String)>) {
    let key = strangers_key();
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
    jwk.common.key_id = Some("only".to_owned());
    let now = SystemClock.now().seconds();
    let claims =
        json!({"iss": issuer, "aud": AUDIENCE, "sub": "usr_x", "iat": now, "exp": now + 60});
    let sign = |typ: Option<&str>, claims: &Value| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = typ.map(str::to_owned);
        header.kid = Some("only".to_owned());
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    };
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        sign(Some("at+jwt"), &claims)
    };
    let unsuitable = vec![
        ("another type", sign(Some("JWT"), &claims)),
        ("no type", sign(None, &claims)),
        ("no audience", without("aud")),
        ("no issuer", without("iss")),
        ("no expiry", without("exp")),
    ];
    (JwkSet { keys: vec![jwk] }, sign(Some("at+jwt"), &claims), unsuitable)
}

/// Makes forgeries of a valid access token, each with what was tried.
pub fn forgeries(keys: &JwkSet, token: &str) -> Vec<(&'static str, String)> {
    let (header, claims) = (read_part(token, 0), read_part(token, 1));
    let parts: Vec<_> = token.split('.').collect();
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let with = |mut value: Value, name: &str, other: Value| {
        value[name] = other;
        value
    };
    let kid = header["kid"].as_str().unwrap().to_owned();
    let key = serde_json::to_value(keys.find(&kid).unwrap()).unwrap();
    let public = key["x"].as_str().unwrap();
    let raw = BASE64URL_NOPAD.decode(public.as_bytes()).unwrap();
    // SubjectPublicKeyInfo (RFC 8410, 4), as PEM files have it.
    let spki = [HEXLOWER.decode(b"302a300506032b6570032100").unwrap(), raw.clone()].concat();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        data_encoding::BASE64.encode(&spki)
    );
    let sign = |algorithm, kid: Option<&str>, jwk: Option<Jwk>, key: &EncodingKey| {
        let mut header = Header::new(algorithm);
        header.typ = Some("at+jwt".to_owned());
        header.kid = kid.map(str::to_owned);
        header.jwk = jwk;
        jsonwebtoken::encode(&header, &claims, key).unwrap()
    };
    let symmetric =
        |secret: &[u8]| sign(Algorithm::HS256, Some(&kid), None, &EncodingKey::from_secret(secret));
    let stranger = strangers_key();
    let strangers_jwk = Jwk::from_encoding_key(&stranger, Algorithm::EdDSA).unwrap();
    let changed = |name: &str, value: Value| {
        format!("{}.{}.{}", parts[0], encode(&with(claims.clone(), name, value)), parts[2])
    };
    let headed = |name: &str, value: Value| {
        format!("{}.{}.{}", encode(&with(header.clone(), name, value)), parts[1], parts[2])
    };
    let unsigned = encode(&with(header.clone(), "alg", json!("none")));
    vec![
        ("algorithm none", format!("{unsigned}.{}.", parts[1])),
        ("algorithm none with a signature", format!("{unsigned}.{}.{}", parts[1], parts[2])),
        ("the public key as a shared secret", symmetric(&raw)),
        ("the public key in base64url as a shared secret", symmetric(public.as_bytes())),
        ("the public key in PEM as a shared secret", symmetric(pem.as_bytes())),
        ("a stranger's key", sign(Algorithm::EdDSA, Some(&kid), None, &stranger)),
        ("an unknown key", sign(Algorithm::EdDSA, Some("seed"), None, &stranger)),
        ("no key id", sign(Algorithm::EdDSA, None, None, &stranger)),
        ("a key in the header", sign(Algorithm::EdDSA, Some(&kid), Some(strangers_jwk), &stranger)),
        ("another algorithm in the header", headed("alg", json!("ES256"))),
        ("more scopes", changed("scope", json!("usage:write clients:write"))),
        ("another user", changed("sub", json!("usr_aaaaaaaaaaaaaaaaaaaaaaaaaa"))),
        ("a later expiry", changed("exp", json!(claims["exp"].as_i64().unwrap() + 3600))),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("another type in the header", headed("typ", json!("JWT"))),
    ]
}

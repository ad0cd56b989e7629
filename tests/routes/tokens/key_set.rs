//! Tests of `GET /.well-known/jwks.json`.

use reqwest::Method;
use serde_json::json;
use tests::access_tokens::{access_token, key_set, read_part};
use tests::{TestApp, keys};

#[tokio::test]
async fn the_key_set_is_public_and_may_be_kept() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for path in ["/.well-known/jwks.json", "/api/.well-known/jwks.json"] {
        let reply = app.visitor().get(path).await.expect(200);
        assert_eq!(reply.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("x-local-dynamodb"), Some("calls=0;trips=0;rcu=0;wcu=0"));
        let body = reply.json();
        let [key] = &**body["keys"].as_array().unwrap() else { panic!("{body}") };
        // Only public parts.
        assert_eq!(keys(key), ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!((&key["kty"], &key["crv"]), (&json!("OKP"), &json!("Ed25519")));
        assert_eq!((&key["alg"], &key["use"]), (&json!("EdDSA"), &json!("sig")));
        let head = app.visitor().send(Method::HEAD, path, None).await.expect(200);
        assert_eq!(head.header("cache-control"), Some("public, max-age=300"));
        app.visitor().post(path, json!({})).await.expect_error(405, "METHOD_NOT_ALLOWED");
    }
    let token = access_token(&app, &ada.token("ci").await).await;
    let kid = read_part(&token, 0)["kid"].clone();
    assert!(key_set(&app).await.find(kid.as_str().unwrap()).is_some());
}

#[tokio::test]
async fn deployments_have_different_keys() {
    let (one, other) = (TestApp::start().await, TestApp::start().await);
    assert_ne!(key_set(&one).await.keys[0].common, key_set(&other).await.keys[0].common);
}

//! Tests of how long an access token is valid.

use serde_json::{Value, json};
use shared::clock::Timestamp;
use tests::TestApp;
use tests::access_tokens::{AUDIENCE, access_token, exchange, key_set, read_part};
use tests::api_keys::create_key;

async fn lifetime(app: &TestApp, bearer: &str) -> (u64, i64) {
    let visitor = app.visitor().with_bearer(bearer);
    let reply = exchange(&visitor, json!({"audience": AUDIENCE})).await.expect(200).json();
    let claims = read_part(reply["access_token"].as_str().unwrap(), 1);
    let time = |name: &str| claims[name].as_i64().unwrap();
    (reply["expires_in"].as_u64().unwrap(), time("exp") - time("iat"))
}

#[tokio::test]
async fn an_access_token_ends_with_its_bearer() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let at = Timestamp::from_seconds(app.now().await + 400);
    let token = app.token(&ada, |token| token.expires_at = Some(at)).await;
    assert_eq!(lifetime(&app, &token).await, (300, 300));
    app.advance_clock(399).await;
    assert_eq!(lifetime(&app, &token).await, (1, 1));
    app.advance_clock(1).await;
    let visitor = app.visitor().with_bearer(&token);
    exchange(&visitor, json!({"audience": AUDIENCE})).await.expect_error(401, "invalid token");
}

#[tokio::test]
async fn an_access_token_ends_with_a_grace_period() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let value = |made: Value| made["key"].as_str().unwrap().to_owned();
    let first = value(create_key(&ada, &acme, "production").await.expect(200).json());
    let path = format!("/v1/clients/{acme}/api-keys/1/rotate");
    let second = value(ada.post(&path, json!({"grace_seconds": 100})).await.expect(200).json());
    assert_eq!(lifetime(&app, &first).await, (100, 100));
    assert_eq!(lifetime(&app, &second).await, (300, 300));
}

#[tokio::test]
async fn a_revocation_reaches_services_when_the_token_ends() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let bearer = ada.token("ci").await;
    let token = access_token(&app, &bearer).await;
    ada.post("/v1/tokens/revoke", json!({"id": 1})).await.expect(200);
    // Services that verify offline accept it for five minutes more, and `GET /v1/token` refuses at once.
    assert!(tests::access_tokens::verify_as_service(&app, &key_set(&app).await, &token).is_some());
    let visitor = app.visitor().with_bearer(&bearer);
    visitor.get("/v1/token").await.expect_error(401, "invalid token");
}

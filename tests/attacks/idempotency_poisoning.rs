//! A forged credential on a public route does not use up the idempotency key of the user that it names.

use serde_json::json;
use shared::tokens::PlainToken;
use shared::values::TokenHolder;
use tests::TestApp;

#[tokio::test]
async fn idempotency_poisoning_with_a_forged_bearer_has_no_effect() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let random = &*app.stack().context().random;
    let forged = PlainToken::generate(random, TokenHolder::User(ada.id().await), 1);
    let thief = app.visitor().with_bearer(forged.reveal()).with_header("idempotency-key", "k1");
    let body = json!({"email": "eve@example.com", "name": "Eve", "password": tests::PASSWORD});
    thief.post("/v1/register", body).await.expect(200);
    // The same key of the user whom the forged token names is free.
    let adas = ada.visitor.clone().with_header("idempotency-key", "k1");
    let created = adas.post("/v1/clients", json!({"name": "Acme"})).await.expect(200);
    assert_eq!(created.header("idempotent-replayed"), None);
}

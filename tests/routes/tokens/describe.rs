//! Tests of `GET /v1/token`.

use serde_json::json;
use tests::TestApp;
use tests::tokens::{bearer_visitor, create_token};

#[tokio::test]
async fn a_bearer_token_returns_its_own_description() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    let acme = ada.create_client("Acme").await;
    let user = json!({"id": id.as_str(), "email": "ada@example.com", "name": "ada"});
    let script = app.visitor().with_bearer(&ada.token("everywhere").await);
    let seen = script.get("/v1/token").await.expect(200).json();
    let expected = json!({
        "kind": "personal", "id": 1, "token_name": "everywhere", "expires_at": null, "user": user,
    });
    assert_eq!(seen, expected);
    let body = json!({"token_name": "here", "client_id": acme, "expires_in_days": 2});
    let confined = bearer_visitor(&app, &create_token(&ada, body).await.expect(200).json());
    let seen = confined.get("/v1/token").await.expect(200).json();
    let client = json!({"id": acme, "name": "Acme"});
    let expected = json!({
        "kind": "personal", "id": 2, "token_name": "here",
        "expires_at": app.now().await + 2 * 24 * 60 * 60, "user": user, "client": client,
    });
    assert_eq!(seen, expected);
    let (number, key) = ada.key(&acme, "production").await;
    let seen = app.visitor().with_bearer(&key).get("/v1/token").await.expect(200).json();
    let expected = json!({
        "kind": "organization", "id": number, "token_name": "production", "expires_at": null,
        "client": client,
    });
    assert_eq!(seen, expected);

    for visitor in [&ada.visitor, &app.visitor(), &app.visitor().with_session("x")] {
        visitor.get("/v1/token").await.expect_error(401, "missing bearer token");
    }
    let authorized = |value: &str| app.visitor().with_header("authorization", value);
    let basic = authorized("Basic eDp5").get("/v1/token").await;
    basic.expect_error(401, "invalid authorization header");
    authorized("Bearer ").get("/v1/token").await.expect_error(401, "invalid bearer token");
    authorized("Bearer aius_x").get("/v1/token").await.expect_error(401, "invalid token");
}

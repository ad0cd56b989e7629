//! Tests of `GET /v1/token`.

use insta::assert_snapshot;
use serde_json::json;
use tests::TestApp;
use tests::tokens::{bearer_visitor, create_token};

#[tokio::test]
async fn a_bearer_token_returns_its_own_description() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let script = app.visitor().with_bearer(&ada.token("everywhere").await);
    let seen = script.get("/v1/token").await;
    assert_snapshot!(app.snapshot(&seen).await, @r#"
    200
    {
      "allowed_ips": null,
      "expires_at": null,
      "id": 1,
      "kind": "personal",
      "scopes": [
        "clients:read",
        "clients:write",
        "projects:read",
        "projects:write",
        "artifacts:read",
        "artifacts:write",
        "runs:write",
        "usage:write",
        "billing:read",
        "activity:read"
      ],
      "token_name": "everywhere",
      "user": {
        "email": "ada@example.com",
        "id": "[usr]",
        "name": "ada"
      }
    }
    "#);
    assert_eq!(seen.json()["user"]["id"], ada.id().await.as_str());
    let body = json!({"token_name": "here", "client_id": acme, "expires_in_days": 2});
    let confined = bearer_visitor(&app, &create_token(&ada, body).await.expect(200).json());
    let seen = confined.get("/v1/token").await;
    assert_snapshot!(app.snapshot(&seen).await, @r#"
    200
    {
      "allowed_ips": null,
      "client": {
        "id": "[client]",
        "name": "Acme"
      },
      "expires_at": "[now + 172800 s]",
      "id": 2,
      "kind": "personal",
      "scopes": [
        "clients:read",
        "clients:write",
        "projects:read",
        "projects:write",
        "artifacts:read",
        "artifacts:write",
        "runs:write",
        "usage:write",
        "billing:read",
        "activity:read"
      ],
      "token_name": "here",
      "user": {
        "email": "ada@example.com",
        "id": "[usr]",
        "name": "ada"
      }
    }
    "#);
    assert_eq!(seen.json()["user"]["id"], ada.id().await.as_str());
    assert_eq!(seen.json()["client"]["id"], acme);
    let (number, key) = ada.key(&acme, "production").await;
    let seen = app.visitor().with_bearer(&key).get("/v1/token").await;
    assert_snapshot!(app.snapshot(&seen).await, @r#"
    200
    {
      "allowed_ips": null,
      "client": {
        "id": "[client]",
        "name": "Acme"
      },
      "expires_at": null,
      "id": 1,
      "kind": "organization",
      "scopes": [
        "clients:read",
        "clients:write",
        "projects:read",
        "projects:write",
        "artifacts:read",
        "artifacts:write",
        "runs:write",
        "usage:write",
        "billing:read",
        "activity:read"
      ],
      "token_name": "production"
    }
    "#);
    assert_eq!(seen.json()["id"], number);
    assert_eq!(seen.json()["client"]["id"], acme);

    for visitor in [&ada.visitor, &app.visitor(), &app.visitor().with_session("x")] {
        visitor.get("/v1/token").await.expect_error(401, "missing bearer token");
    }
    let authorized = |value: &str| app.visitor().with_header("authorization", value);
    let basic = authorized("Basic eDp5").get("/v1/token").await;
    basic.expect_error(401, "invalid authorization header");
    authorized("Bearer ").get("/v1/token").await.expect_error(401, "invalid bearer token");
    authorized("Bearer aius_x").get("/v1/token").await.expect_error(401, "invalid token");
}

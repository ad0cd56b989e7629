//! A stolen session cannot give its thief lasting access: a change that would outlive it needs a recent
//! proof of identity.

use reqwest::Method;
use serde_json::json;
use shared::organizations::Role;
use shared::sessions::RECENT_PROOF_TTL;
use tests::members::{create_team, sign_up_member};
use tests::notifications::webhook_path;
use tests::{PASSWORD, TestApp};

#[tokio::test]
async fn stolen_session_persists_in_nothing_that_outlives_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await.id().await;
    let (key, _) = ada.key(&client, "ci").await;
    app.advance_clock(RECENT_PROOF_TTL.as_secs()).await;
    let at = |path: &str| format!("/v1/clients/{client}{path}");
    let webhook =
        json!({"slack_webhook_url": format!("https://hooks.slack.com{}", webhook_path(&ada))});
    let attempts = [
        (Method::GET, "/v1/auth/google?link=1".to_owned(), json!({})),
        (Method::DELETE, "/v1/me/connections/google".to_owned(), json!({})),
        (Method::POST, "/v1/2fa/setup".to_owned(), json!({})),
        (Method::POST, "/v1/2fa/enable".to_owned(), json!({"code": "123456"})),
        (Method::POST, "/v1/tokens".to_owned(), json!({"token_name": "thief"})),
        (Method::PUT, "/v1/me/notifications".to_owned(), webhook),
        (Method::POST, at("/api-keys"), json!({"name": "thief"})),
        (Method::POST, at(&format!("/api-keys/{key}/rotate")), json!({})),
        (Method::POST, at("/invitations"), json!({"email": "eve@example.com", "role": "admin"})),
        (Method::PATCH, at(&format!("/members/{bob}")), json!({"role": "admin"})),
        (Method::DELETE, at(&format!("/members/{bob}")), json!({})),
        (Method::DELETE, at(""), json!({"confirm": "Acme Corp"})),
    ];
    let before = app.dump().await;
    for (method, path, body) in &attempts {
        let reply = ada.visitor.send_json(method.clone(), path, body).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "REAUTH_REQUIRED"), "{path}");
    }
    assert_eq!(app.dump().await.len(), before.len());
    // What takes the password itself is no way around it.
    for (method, path, body) in [
        (Method::POST, "/v1/me/password".to_owned(), json!({"new_password": "thief-horse-9"})),
        (Method::POST, "/v1/me/email".to_owned(), json!({"new_email": "thief@example.com"})),
        (Method::DELETE, "/v1/me".to_owned(), json!({"confirm": "DELETE"})),
        (Method::POST, at("/transfer"), json!({"user_id": bob.to_string()})),
    ] {
        let reply = ada.visitor.send_json(method, &path, &body).await;
        assert!(reply.status == 400 && reply.code().starts_with("MISSING_"), "{path}");
    }
    // The owner proves who they are, and everything works.
    let proof = json!({"password": PASSWORD});
    ada.post("/v1/me/reauthenticate", proof).await.expect(200);
    for (method, path, body) in attempts {
        let reply = ada.visitor.send_json(method, &path, &body).await;
        assert!(!reply.text.contains("REAUTH_REQUIRED"), "{path}: {}", reply.text);
    }
}

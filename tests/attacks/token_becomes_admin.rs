//! A leaked token cannot manage members, keys, tokens, billing or deletion, even if its owner may.

use reqwest::Method;
use serde_json::json;
use shared::organizations::Role;
use tests::members::{create_team, sign_up_member};
use tests::{PASSWORD, TestApp};

#[tokio::test]
async fn token_becomes_admin_in_no_way() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await.id().await;
    let (key, value) = ada.key(&client, "ci").await;
    let token = app.token(&ada, |_| {}).await;
    let at = |path: &str| format!("/v1/clients/{client}{path}");
    let site = app.visitor().site();
    let urls = json!({"success_url": site, "cancel_url": site});
    let attempts = [
        (Method::POST, "/v1/tokens".to_owned(), json!({"token_name": "more"})),
        (Method::GET, "/v1/tokens".to_owned(), json!({})),
        (Method::POST, "/v1/tokens/revoke".to_owned(), json!({"id": 1})),
        (Method::DELETE, "/v1/me".to_owned(), json!({"password": PASSWORD, "confirm": "DELETE"})),
        (Method::POST, "/v1/me/reauthenticate".to_owned(), json!({"password": PASSWORD})),
        (Method::POST, at("/api-keys"), json!({"name": "more"})),
        (Method::POST, at(&format!("/api-keys/{key}/rotate")), json!({})),
        (Method::POST, at(&format!("/api-keys/{key}/revoke")), json!({})),
        (Method::POST, at("/invitations"), json!({"email": "eve@example.com", "role": "admin"})),
        (Method::PATCH, at(&format!("/members/{bob}")), json!({"role": "admin"})),
        (Method::DELETE, at(&format!("/members/{bob}")), json!({})),
        (Method::POST, at("/leave"), json!({})),
        (Method::POST, at("/transfer"), json!({"user_id": bob.to_string(), "password": PASSWORD})),
        (Method::DELETE, at(""), json!({"confirm": "Acme Corp"})),
        (Method::POST, at("/subscription/checkout"), urls.clone()),
        (Method::POST, at("/credits/topup"), urls.clone()),
        (Method::POST, at("/payment-methods/setup"), urls),
        (Method::DELETE, at("/payment-methods/pm_1"), json!({})),
        (Method::POST, at("/payment-methods/pm_1/default"), json!({})),
        (Method::POST, at("/portal"), json!({"return_url": site})),
    ];
    let thieves = [token, value].map(|bearer| app.visitor().with_bearer(&bearer));
    for thief in &thieves {
        // The first use of a key on a day is in the log.
        thief.get("/v1/token").await.expect(200);
    }
    let rows = app.dump().await.len();
    for thief in &thieves {
        for (method, path, body) in &attempts {
            let reply = thief.send_json(method.clone(), path, body).await;
            assert_eq!((reply.status, reply.code().as_str()), (403, "SESSION_REQUIRED"), "{path}");
        }
    }
    assert_eq!(app.dump().await.len(), rows);
}

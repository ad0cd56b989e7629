//! Tokens that are restricted to one organization.

use serde_json::json;
use shared::keys as rows;
use shared::organizations::Role;
use tests::TestApp;
use tests::activity::list_user_log_entries;
use tests::organizations::mark_organization_deleted;
use tests::tokens::{bearer_visitor, create_token, list_tokens};

#[tokio::test]
async fn a_restricted_token_works_only_in_its_organization() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    let other = ada.create_client("Other").await;
    let body = json!({"token_name": "ci", "client_id": acme});
    create_token(&eve, body.clone()).await.expect_error(403, "NO_ACCESS");
    let made = create_token(&ada, body.clone()).await.expect(200).json();
    assert_eq!(made["client_id"], acme.as_str());
    assert_eq!(list_tokens(&ada).await[0]["client_id"], acme.as_str());
    let script = bearer_visitor(&app, &made);
    script.get(&format!("/v1/clients/{acme}")).await.expect(200);
    script.get(&format!("/v1/clients/{other}")).await.expect_error(403, "NO_ACCESS");
    for path in ["/v1/me", "/v1/me/activity"] {
        script.get(path).await.expect_error(403, "NO_ACCESS");
    }
    script.post("/v1/clients", json!({"name": "x"})).await.expect_error(403, "NO_ACCESS");
    let clients = script.get("/v1/clients").await.expect(200).json();
    assert_eq!(clients["data"].as_array().unwrap().len(), 1);
    assert_eq!(clients["data"][0]["id"], acme.as_str());
    let entry = &list_user_log_entries(&app, "token.created").await[0];
    assert_eq!(entry["details"]["M"]["client"]["S"], acme.as_str());

    // The token has the role of its user in the organization.
    app.add_member(&acme, &eve, Role::Member).await;
    let made = create_token(&eve, body).await.expect(200).json();
    let script = bearer_visitor(&app, &made);
    script.get(&format!("/v1/clients/{acme}")).await.expect(200);
    let rename = Some(("application/json", br#"{"name":"Mine"}"#.to_vec()));
    let rename = script.send(reqwest::Method::PATCH, &format!("/v1/clients/{acme}"), rename).await;
    rename.expect_error(403, "NO_ACCESS");
}

/// A token for one organization ends when that is deleted or when its user leaves.
#[tokio::test]
async fn deleted_client_restricted_token_is_refused() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let body = json!({"token_name": "ci", "client_id": acme});
    let hers = bearer_visitor(&app, &create_token(&eve, body.clone()).await.expect(200).json());
    let own = bearer_visitor(&app, &create_token(&ada, body).await.expect(200).json());
    hers.get("/v1/token").await.expect(200);
    let client = acme.parse().unwrap();
    let table = &app.stack().context().table;
    table.delete(&rows::member(&client, &eve.id().await)).await.unwrap();
    hers.get("/v1/token").await.expect_error(403, "NO_ACCESS");
    hers.get("/v1/clients").await.expect_error(403, "NO_ACCESS");
    own.get("/v1/token").await.expect(200);
    mark_organization_deleted(&app, &acme).await;
    own.get("/v1/token").await.expect_error(401, "invalid token");
    own.get("/v1/clients").await.expect_error(401, "invalid token");
    own.get(&format!("/v1/clients/{acme}")).await.expect_error(404, "NOT_FOUND");
}

//! Tests of `POST /v1/clients/{client_id}/api-keys`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use shared::keys as rows;
use shared::organizations::Role;
use tests::activity::list_log_entries;
use tests::api_keys::{check_key, create_key, list_keys};
use tests::organizations::mark_organization_deleted;
use tests::{FaultProxy, TestApp, assert_numbered_without_gaps, race, race_size};

#[tokio::test]
async fn keys_are_created_and_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let reply = create_key(&ada, &acme, " production ").await;
    assert_snapshot!(app.snapshot(&reply).await, @r#"
    200
    {
      "allowed_ips": null,
      "client_id": "[client]",
      "created_at": "[now]",
      "expires_at": null,
      "id": 1,
      "key": "[token]",
      "masked": "[masked token]",
      "name": "production",
      "previous_value": null,
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
      ]
    }
    "#);
    let made = reply.json();
    let key = made["key"].as_str().unwrap();
    let now = app.now().await;
    let masked = format!("aius_…{}", &key[key.len() - 4..]);
    assert_eq!((&made["masked"], &made["client_id"]), (&json!(masked), &json!(acme)));
    let all = list_keys(&ada, &acme).await;
    let expected = json!({
        "id": 1, "client_id": acme, "name": "production", "masked": masked,
        "created_by": {"id": ada.id().await.as_str(), "name": "ada", "email": "ada@example.com"},
        "allowed_ips": null, "previous_value": null, "created_at": now, "rotated_at": null,
        "last_used_at": null, "expires_at": null, "revoked_at": null, "scopes": made["scopes"],
    });
    assert_eq!((all.len(), &all[0]), (1, &expected));
    let mut of_all = expected;
    of_all["client_name"] = json!("Acme");
    let everywhere = ada.get("/v1/api-keys").await.expect(200).json();
    assert_eq!(everywhere, json!({"data": [of_all], "next_cursor": null}));
    // Each organization numbers its own keys.
    let other = ada.create_client("Other").await;
    assert_eq!(create_key(&ada, &other, "x").await.expect(200).json()["id"], 1);
    assert_eq!(create_key(&ada, &acme, "x").await.expect(200).json()["id"], 2);
    let entries = list_log_entries(&app, &acme, "key.created").await;
    assert_eq!(entries.len(), 2);
    let first = entries.iter().find(|entry| entry["target"]["S"] == "1").unwrap();
    assert_eq!(first["details"]["M"]["name"]["S"], "production");
    assert_eq!(first["user_id"]["S"], ada.id().await.as_str());

    let path = format!("/v1/clients/{acme}/api-keys");
    ada.post(&path, json!({})).await.expect_error(400, "MISSING_NAME");
    ada.post(&path, json!({"name": " "})).await.expect_error(400, "MISSING_NAME");
    for bad in [json!(7), json!("x".repeat(101)), json!("a\nb")] {
        ada.post(&path, json!({"name": bad})).await.expect_error(400, "INVALID_FIELD");
    }
    assert_eq!(list_keys(&ada, &acme).await.len(), 2);
}

#[tokio::test]
async fn concurrent_creations_number_keys_without_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let answers = race(race_size(), |number| {
        let (ada, acme) = (ada.clone(), acme.clone());
        async move { create_key(&ada, &acme, &format!("k{number}")).await }
    })
    .await;
    assert!(answers.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&answers).await;
    let stored = list_keys(&ada, &acme).await;
    for made in &assert_numbered_without_gaps(&answers, &stored) {
        assert_eq!(check_key(&app, made["key"].as_str().unwrap()).await, 200);
    }
    let everywhere = ada.get("/v1/api-keys?limit=200").await.expect(200).json();
    assert_eq!(everywhere["data"].as_array().unwrap().len(), stored.len());
}

#[tokio::test]
async fn a_repeated_request_returns_the_same_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = format!("/v1/clients/{acme}/api-keys");
    let keyed = |key: &str| ada.visitor.clone().with_header("idempotency-key", key);
    let send = async |key: &str, path: &str, body: Value| keyed(key).post(path, body).await;
    let first = send("make", &path, json!({"name": "ci"})).await.expect(200);
    let again = send("make", &path, json!({"name": "ci"})).await.expect(200);
    assert_eq!(
        (first.text, Some("true")),
        (again.text.clone(), again.header("idempotent-replayed"))
    );
    let other = send("make", &path, json!({"name": "other"})).await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let rotate = format!("{path}/1/rotate");
    let first = send("rotate", &rotate, json!({})).await.expect(200);
    let again = send("rotate", &rotate, json!({})).await.expect(200);
    assert_eq!((&first.text, Some("true")), (&again.text, again.header("idempotent-replayed")));
    assert_eq!(check_key(&app, again.json()["key"].as_str().unwrap()).await, 200);
    assert_eq!(list_log_entries(&app, &acme, "key.rotated").await.len(), 1);
    // The same idempotency key with the rotation of another key is another request.
    ada.key(&acme, "second").await;
    let second = send("rotate", &format!("{path}/2/rotate"), json!({})).await;
    second.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let too_long = send(&"k".repeat(256), &rotate, json!({})).await;
    too_long.expect_error(400, "INVALID_FIELD");
    let ended = ada.sign_in(&app).await;
    ended.post("/v1/logout", json!({})).await.expect(200);
    let ended = ended.visitor.with_header("idempotency-key", &"k".repeat(256));
    ended.post(&rotate, json!({})).await.expect_error(401, "invalid session");

    // A person who may no longer manage keys does not get the value again.
    let eve = app.sign_up("eve").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let keyed = eve.visitor.clone().with_header("idempotency-key", "hers");
    keyed.post(&path, json!({"name": "hers"})).await.expect(200);
    let table = &app.stack().context().table;
    table.delete(&rows::member(&acme.parse().unwrap(), &eve.id().await)).await.unwrap();
    keyed.post(&path, json!({"name": "hers"})).await.expect_error(403, "NO_ACCESS");
}

/// A key in a deleted organization would never be swept.
#[tokio::test]
async fn deleted_client_concurrent_key_creation_fails() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let made = engine
        .delay_transaction(create_key(&ada, &acme, "late"), mark_organization_deleted(&app, &acme))
        .await;
    made.expect_error(404, "NOT_FOUND");
    assert!(app.items(&format!("CLIENT#{acme}"), "KEY#").await.is_empty());
}

#[tokio::test]
async fn an_organization_says_whether_it_ever_had_a_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for client in [ada.default_client().await, ada.create_client("Acme").await] {
        let path = format!("/v1/clients/{client}");
        let has_keys = async || ada.get(&path).await.expect(200).json()["has_api_keys"].clone();
        assert_eq!(has_keys().await, false);
        let key = create_key(&ada, &client, "first").await.expect(200).json();
        assert_eq!(has_keys().await, true);
        let revoke = format!("{path}/api-keys/{}/revoke", key["id"]);
        ada.post(&revoke, json!({})).await.expect(200);
        assert_eq!(has_keys().await, true, "the first key is not offered again");
    }
}

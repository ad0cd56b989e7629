//! Who may manage API keys, and what a request with a key may do.

use serde_json::json;
use shared::dynamo::Update;
use shared::keys as rows;
use shared::organizations::{Member, Role};
use tests::api_keys::{change_key, check_key, create_key, list_keys};
use tests::organizations::mark_organization_deleted;
use tests::{FaultProxy, Person, Team, TestApp};

#[tokio::test]
async fn a_key_has_the_rights_of_a_member_in_its_organization() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (acme, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    let (_, key) = ada.key(&acme, "production").await;
    let script = app.visitor().with_bearer(&key);
    let seen = script.get(&format!("/v1/clients/{acme}")).await.expect(200).json();
    assert_eq!(seen["role"], "member");
    script.get(&format!("/v1/clients/{other}")).await.expect_error(403, "NO_ACCESS");
    script.get("/v1/me").await.expect_error(403, "NO_ACCESS");
    let keys_of = format!("/v1/clients/{acme}/api-keys");
    for path in ["/v1/api-keys", "/v1/tokens", &keys_of] {
        script.get(path).await.expect_error(403, "SESSION_REQUIRED");
    }
    script.post(&keys_of, json!({"name": "x"})).await.expect_error(403, "SESSION_REQUIRED");
}

#[tokio::test]
async fn only_owners_and_admins_manage_keys() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin, member, stranger, client: acme } = Team::create(&app).await;
    let (id, key) = ada.key(&acme, "production").await;
    let unknown = "client_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let all = async |who: &Person, client: &str| {
        vec![
            who.get(&format!("/v1/clients/{client}/api-keys")).await,
            create_key(who, client, "x").await,
            change_key(who, client, id, "rotate").await,
            change_key(who, client, id, "revoke").await,
        ]
    };
    for who in [&member, &stranger] {
        for reply in all(who, &acme).await {
            reply.expect_error(403, "NO_ACCESS");
        }
        let everywhere = who.get("/v1/api-keys").await.expect(200).json();
        assert_eq!(everywhere["data"], json!([]));
    }
    for client in [unknown, "x"] {
        for reply in all(&ada, client).await {
            reply.expect_error(404, "NOT_FOUND");
        }
    }
    assert_eq!(check_key(&app, &key).await, 200);
    assert_eq!(admin.get("/v1/api-keys").await.expect(200).json()["data"][0]["id"], id);
    for reply in all(&admin, &acme).await {
        reply.expect(200);
    }
    assert_eq!(check_key(&app, &key).await, 401);
}

#[tokio::test]
async fn key_of_a_person_outlives_membership_but_tokens_do_not() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let (_, key) = eve.key(&acme, "made by eve").await;
    let key = app.visitor().with_bearer(&key);
    let confined = json!({"token_name": "ci", "client_id": acme});
    let confined = eve.post("/v1/tokens", confined).await.expect(200).json();
    let confined = app.visitor().with_bearer(confined["token"].as_str().unwrap());
    let anywhere = app.visitor().with_bearer(&eve.token("anywhere").await);
    let path = format!("/v1/clients/{acme}");
    for script in [&key, &confined, &anywhere] {
        script.get(&path).await.expect(200);
    }
    let (client, user) = (acme.parse().unwrap(), eve.id().await);
    let table = &app.stack().context().table;
    table.delete(&rows::member(&client, &user)).await.unwrap();
    key.get(&path).await.expect(200);
    key.get("/v1/token").await.expect(200);
    for script in [&confined, &anywhere] {
        script.get(&path).await.expect_error(403, "NO_ACCESS");
    }
    anywhere.get("/v1/me").await.expect(200);
    assert_eq!(list_keys(&ada, &acme).await[0]["created_by"]["id"], user.as_str());
}

#[tokio::test]
async fn a_concurrently_removed_admin_changes_no_key() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let (client_id, user_id) = (acme.parse().unwrap(), eve.id().await);
    let role_of = async |role: Role| {
        let role = Update::new(rows::member(&client_id, &user_id)).set("role", role).unwrap();
        app.stack().context().table.update::<Member>(role).await.unwrap().unwrap();
    };
    let before = list_keys(&ada, &acme).await;
    for number in 0..3 {
        role_of(Role::Admin).await;
        let changing = async {
            match number {
                0 => create_key(&eve, &acme, "late").await,
                1 => change_key(&eve, &acme, id, "rotate").await,
                _ => change_key(&eve, &acme, id, "revoke").await,
            }
        };
        let changed = engine.delay_transaction(changing, role_of(Role::Member)).await;
        changed.expect_error(403, "NO_ACCESS");
    }
    assert_eq!(list_keys(&ada, &acme).await, before);
    assert_eq!(check_key(&app, &key).await, 200);
}

#[tokio::test]
async fn deleted_client_keys_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (id, key) = ada.key(&acme, "production").await;
    assert_eq!(check_key(&app, &key).await, 200);
    mark_organization_deleted(&app, &acme).await;
    assert_eq!(check_key(&app, &key).await, 401);
    create_key(&ada, &acme, "x").await.expect_error(404, "NOT_FOUND");
    change_key(&ada, &acme, id, "rotate").await.expect_error(404, "NOT_FOUND");
    assert_eq!(ada.get("/v1/api-keys").await.expect(200).json()["data"], json!([]));
}

//! Erasing an organization at once.

use serde_json::{Value, json};
use shared::organizations::erase_now::erase_now;
use shared::support_case::SupportCase;
use tests::operators::support_actions;
use tests::organizations::{
    delete_organization, list_remaining_items, organization_id, restore_organization,
};
use tests::{Team, TestApp, race};

fn erase(client: &str, confirm: &str) -> Value {
    json!({"name": "erase_organization_now", "client_id": client, "confirm": confirm})
}

/// Lists the actions that an organization's log names as those of support.
async fn list_support_actions(app: &TestApp, client: &str) -> Vec<Value> {
    let events = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    let by_support = events.iter().filter(|event| event["support"]["M"].is_object());
    by_support.map(|event| event["action"]["S"].clone()).collect()
}

#[tokio::test]
async fn an_unshared_organization_is_erased_at_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    let key = ada.visitor_with_key(&app, &client).await;
    let projects = format!("/v1/projects?org_id={client}");
    key.get(&projects).await.expect(200);
    app.operate_refused(erase(&client, "Motors"), "INVALID_FIELD").await;
    let nobody = "client_mfrggzdfmztwq2lknnwg23tpoa";
    app.operate_refused(erase(nobody, "Engines"), "NOT_FOUND").await;
    let own = ada.default_client().await;
    let shown = app.operate_well(json!({"name": "show", "id": own})).await;
    let name = shown["name"].as_str().unwrap();
    app.operate_refused(erase(&own, name), "DEFAULT_CLIENT").await;
    key.get(&projects).await.expect(200);

    let erased = app.operate_well(erase(&client, "Engines")).await;
    assert_eq!(erased, json!({"client_id": client, "erasing": true}));
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    key.get(&projects).await.expect_error(401, "invalid token");
    ada.get(&format!("/v1/clients/{client}")).await.expect_error(404, "NOT_FOUND");
    restore_organization(&ada, &client).await.expect_error(404, "NOT_FOUND");
    assert_eq!(list_support_actions(&app, &client).await, ["client.erasure_requested"]);
    assert_eq!(support_actions(&ada).await, ["client.erasure_requested"]);
    let mails = app.mails(&ada.email).await;
    assert_eq!(mails[0]["subject"], "Engines was deleted");
    for part in ["text", "html"] {
        let body = mails[0][part].as_str().unwrap();
        assert!(body.contains("It cannot be restored"), "{body}");
    }
    app.operate_refused(erase(&client, "Engines"), "NOT_FOUND").await;
}

#[tokio::test]
async fn a_shared_organization_is_erased_after_its_owner_deleted_it() {
    let app = TestApp::start().await;
    let Team { owner: ada, client, .. } = Team::create(&app).await;
    let shown = app.operate_well(json!({"name": "show", "id": client})).await;
    let name = shown["name"].as_str().unwrap();
    app.operate_refused(erase(&client, name), "INVALID_FIELD").await;
    ada.get(&format!("/v1/clients/{client}")).await.expect(200);
    delete_organization(&ada, &client, name).await.expect(200);
    app.wait_for_worker().await;
    let mails = app.mails(&ada.email).await.len();
    app.operate_well(erase(&client, name)).await;
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
    assert_eq!(app.mails(&ada.email).await.len(), mails, "the deletion was mailed before");
    assert!(app.items("CLIENT-DELETION", "").await.is_empty());
    restore_organization(&ada, &client).await.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_subscription_ends_with_the_organization() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    ada.subscribe(&app, &client, "pro").await;
    let customer = app.stripe_customer(&client).await;
    app.operate_well(erase(&client, "Engines")).await;
    assert!(app.items(&format!("CLIENT#{client}"), "").await.is_empty());
    let path = format!("customers/{customer}");
    let found = app.call_stripe(reqwest::Method::GET, &path, "").await;
    assert_eq!(found.json()["deleted"], true, "{}", found.text);
}

/// Either the restoration comes first, and the erasure deletes what was restored, or it is too late.
#[tokio::test(flavor = "multi_thread")]
async fn erasing_and_restoring_leave_nothing_half_done() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    delete_organization(&ada, &client, "Engines").await.expect(200);
    app.wait_for_worker().await;
    let (ctx, id) = (app.stack().context().clone(), organization_id(&client));
    let path = format!("/v1/clients/{client}/restore");
    race(6, |number| {
        let (ctx, id, ada, path) = (ctx.clone(), id.clone(), ada.visitor.clone(), path.clone());
        async move {
            if number % 2 == 0 {
                let case = SupportCase::parse("grace", "T-1", "a test").unwrap();
                let erased = erase_now(&ctx, &id, "Engines", &case).await;
                assert!(erased.is_ok() || matches!(erased, Err(shared::error::Error::NotFound)));
            } else {
                let reply = ada.post(&path, json!({})).await;
                assert!([200, 404].contains(&reply.status), "{}", reply.status);
            }
        }
    })
    .await;
    assert!(app.items("CLIENT-DELETION", "").await.is_empty());
    assert!(app.items("WORK#", "").await.is_empty());
    assert_eq!(list_remaining_items(&app, &client).await, Vec::<Value>::new());
}

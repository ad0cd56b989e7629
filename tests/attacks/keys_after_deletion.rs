//! The keys of an organization are refused while its only owner's account is scheduled for deletion.

use serde_json::json;
use shared::organizations::{MARK_BATCH_SIZE, Role};
use tests::account_deletion::{delete_account, sign_in_to_deleted_account};
use tests::organizations::insert_organization;
use tests::{Person, TestApp, Visitor};

/// Returns visitors with a key each, of the default and of another organization.
async fn create_keys(app: &TestApp, ada: &Person) -> Vec<(String, Visitor)> {
    let mut keys = Vec::new();
    for client in [ada.default_client().await, ada.create_client("Acme").await] {
        let key = ada.visitor_with_key(app, &client).await;
        keys.push((client, key));
    }
    keys
}

async fn assert_refused(keys: &[(String, Visitor)]) {
    for (client, key) in keys {
        key.get("/v1/token").await.expect_error(401, "invalid token");
        let path = format!("/v1/projects?org_id={client}");
        key.get(&path).await.expect_error(401, "invalid token");
        let body = json!({"org_id": client, "name": "Churn"});
        key.post("/v1/projects", body).await.expect_error(401, "invalid token");
    }
}

async fn assert_accepted(keys: &[(String, Visitor)]) {
    for (client, key) in keys {
        key.get(&format!("/v1/projects?org_id={client}")).await.expect(200);
    }
}

async fn restore(app: &TestApp, person: &Person) {
    let back = sign_in_to_deleted_account(app, person).await;
    back.post("/v1/me/restore", json!({})).await.expect(200);
}

#[tokio::test]
async fn keys_after_deletion_are_refused_until_a_restore() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let team = bob.create_client("Team").await;
    app.add_member(&team, &ada, Role::Admin).await;
    let others = [(team.clone(), bob.visitor_with_key(&app, &team).await)];
    let keys = create_keys(&app, &ada).await;
    assert_accepted(&keys).await;
    delete_account(&ada).await;
    assert_refused(&keys).await;
    app.wait_for_worker().await;
    assert_refused(&keys).await;
    // An organization of another owner keeps its keys.
    assert_accepted(&others).await;
    restore(&app, &ada).await;
    app.wait_for_worker().await;
    assert_accepted(&keys).await;
    // A second deletion is like the first.
    delete_account(&ada.sign_in(&app).await).await;
    assert_refused(&keys).await;
    app.wait_for_worker().await;
    assert_refused(&keys).await;
}

/// The request marks as many organizations as fit its transaction, and the job the others.
#[tokio::test]
async fn keys_after_deletion_of_many_organizations() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    let mut keys = Vec::new();
    for number in 0..MARK_BATCH_SIZE + 2 {
        let client = insert_organization(&app, &id, &[]).await.to_string();
        if number % 10 == 0 || number > MARK_BATCH_SIZE {
            let key = ada.visitor_with_key(&app, &client).await;
            keys.push((client, key));
        }
    }
    delete_account(&ada).await;
    app.wait_for_worker().await;
    assert_refused(&keys).await;
    restore(&app, &ada).await;
    app.wait_for_worker().await;
    assert_accepted(&keys).await;
}

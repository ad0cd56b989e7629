//! Who created an API key, as lists show it.

use serde_json::json;
use shared::organizations::Role;
use tests::TestApp;
use tests::account_deletion::delete_account;
use tests::api_keys::list_keys;
use tests::time::DAY;

#[tokio::test]
async fn lists_show_who_created_a_key() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Admin).await;
    ada.key(&acme, "hers").await;
    bob.key(&acme, "his").await;
    let bobs_id = bob.id().await;
    let creator = |id: &str, name: &str| json!({"id": id, "name": name, "email": format!("{name}@example.com")});
    let expected = [creator(ada.id().await.as_str(), "ada"), creator(bobs_id.as_str(), "bob")];
    let created_by = async || {
        let listed = list_keys(&ada, &acme).await;
        let everywhere = ada.get("/v1/api-keys").await.expect(200).json();
        let everywhere = everywhere["data"].as_array().unwrap();
        for (key, same) in listed.iter().zip(everywhere) {
            assert_eq!(key["created_by"], same["created_by"]);
        }
        [listed[0]["created_by"].clone(), listed[1]["created_by"].clone()]
    };
    assert_eq!(created_by().await, expected);
    // A person who was removed stays named.
    let path = format!("/v1/clients/{acme}/members/{bobs_id}");
    ada.delete(&path, json!({})).await.expect(200);
    assert_eq!(created_by().await, expected);
    // Of an account that was erased, only the id stays.
    delete_account(&bob).await;
    app.advance_clock_with_last_runs(15 * DAY).await;
    let ada = ada.sign_in(&app).await;
    let listed = list_keys(&ada, &acme).await;
    let erased = json!({"id": bobs_id.as_str(), "name": null, "email": null});
    assert_eq!(listed[1]["created_by"], erased);
}

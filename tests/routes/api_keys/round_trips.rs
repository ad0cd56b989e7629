//! The DynamoDB cost of requests about API keys.

use tests::TestApp;
use tests::api_keys::{change_key, create_key};
use tests::costs::assert_cost;

#[tokio::test]
async fn key_calls_stay_within_their_round_trip_budget() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    // The organization created with the account is read together with the session.
    assert_cost(&ada.get("/v1/api-keys").await.expect(200), 2, 1);
    let first = ada.default_client().await;
    create_key(&ada, &first, "ci").await.expect(200);
    assert_cost(&ada.get("/v1/api-keys").await.expect(200), 3, 2);
    let acme = ada.create_client("Acme").await;
    assert_cost(&create_key(&ada, &acme, "ci").await.expect(200), 2, 2);
    assert_cost(&change_key(&ada, &acme, 1, "rotate").await.expect(200), 2, 2);
    assert_cost(&ada.get(&format!("/v1/clients/{acme}/api-keys")).await.expect(200), 2, 1);
    assert_cost(&ada.get("/v1/api-keys").await.expect(200), 4, 3);
    assert_cost(&change_key(&ada, &acme, 1, "revoke").await.expect(200), 2, 2);
    assert_cost(&change_key(&ada, &acme, 1, "revoke").await.expect(200), 1, 1);
}

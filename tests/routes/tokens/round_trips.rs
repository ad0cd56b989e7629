//! The DynamoDB cost of requests about tokens.

use serde_json::json;
use tests::costs::assert_cost;
use tests::tokens::{bearer_visitor, create_token, revoke_token};
use tests::{TestApp, keys};

#[tokio::test]
async fn token_calls_stay_within_their_round_trip_budget() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    assert_cost(&create_token(&ada, json!({"token_name": "ci"})).await.expect(200), 2, 2);
    let body = json!({"token_name": "ci", "client_id": acme});
    let confined = create_token(&ada, body).await.expect(200);
    assert_cost(&confined, 2, 2);
    let keyed = ada.visitor.clone().with_header("idempotency-key", "once");
    let body = json!({"token_name": "ci"});
    assert_cost(&keyed.post("/v1/tokens", body.clone()).await.expect(200), 3, 2);
    assert_cost(&keyed.post("/v1/tokens", body).await.expect(200), 2, 1);
    assert_cost(&ada.get("/v1/tokens").await.expect(200), 2, 1);
    let script = bearer_visitor(&app, &confined.json());
    script.get("/v1/token").await.expect(200);
    assert_cost(&script.get("/v1/token").await.expect(200), 2, 2);
    assert_cost(&revoke_token(&ada, &json!(1)).await.expect(200), 2, 2);
    assert_cost(&revoke_token(&ada, &json!(1)).await.expect(200), 1, 1);
    let fields = ["id", "revoked_at"];
    assert_eq!(keys(&revoke_token(&ada, &json!(2)).await.expect(200).json()), fields);
}

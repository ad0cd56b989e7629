//! One organization cannot use up the service's rate at Stripe.

use serde_json::{Value, json};
use shared::billing::stripe_throttle::STRIPE_THROTTLE;
use tests::TestApp;

#[tokio::test]
async fn stripe_rate_one_organization_cannot_use_up() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (client, other) = (ada.default_client().await, ada.create_client("Other").await);
    let minute = u64::try_from(60 - app.now().await % 60).unwrap();
    app.advance_clock(minute).await;
    let (success, cancel) = ada.return_urls();
    let portal = json!({"return_url": cancel});
    let path = |client: &str, call: &str| format!("/v1/clients/{client}/{call}");
    // Strangers, invalid requests and repeated ones do not count.
    for _ in 0..3 {
        eve.post(&path(&client, "portal"), portal.clone()).await.expect_error(403, "NO_ACCESS");
        let elsewhere = json!({"return_url": "https://evil.example/"});
        ada.post(&path(&client, "portal"), elsewhere).await.expect(400);
    }
    let keyed = ada.visitor.clone().with_header("idempotency-key", "k1");
    for _ in 0..4 {
        keyed.post(&path(&client, "portal"), portal.clone()).await.expect(200);
    }
    for _ in 1..STRIPE_THROTTLE.limit {
        ada.post(&path(&client, "portal"), portal.clone()).await.expect(200);
    }
    let requests = app.stripe_requests().await.len();
    let urls = json!({"success_url": success, "cancel_url": cancel});
    let top_up = json!({"success_url": success, "cancel_url": cancel, "credits": 500});
    let refused: [(&str, Option<Value>); 7] = [
        ("portal", Some(portal.clone())),
        ("subscription/checkout", Some(ada.checkout_body("basic"))),
        ("credits/topup", Some(top_up)),
        ("payment-methods/setup", Some(urls)),
        ("payment-methods", None),
        ("invoices", None),
        ("invoices/in_1/pdf", None),
    ];
    for (call, body) in refused {
        let reply = match body {
            Some(body) => ada.post(&path(&client, call), body).await,
            None => ada.get(&path(&client, call)).await,
        };
        let reply = reply.expect_error(429, "RATE_LIMITED");
        assert_eq!(reply.header("retry-after"), Some("60"), "{call}");
    }
    assert_eq!(app.stripe_requests().await.len(), requests, "Stripe heard of none of them");
    // What we know ourselves, and other organizations, are not limited.
    for call in ["subscription", "credits"] {
        ada.get(&path(&client, call)).await.expect(200);
    }
    ada.post(&path(&other, "portal"), portal.clone()).await.expect(200);
    app.advance_clock(60).await;
    ada.post(&path(&client, "portal"), portal).await.expect(200);
}

//! Plans, subscriptions and credits from the view of a user.

use serde_json::{Value, json};
use tests::{CARD, TestApp};

/// Returns the balance, the remaining quota and the bought credits.
fn balances(credits: &Value) -> (Value, Value, Value) {
    (
        credits["balance"].clone(),
        credits["quota"]["remaining"].clone(),
        credits["topup_balance"].clone(),
    )
}

#[tokio::test]
async fn a_user_subscribes_tops_up_and_spends() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    assert_eq!(balances(&ada.credits(&client).await), (json!(1000), json!(1000), json!(0)));
    let none = ada.subscription(&client).await;
    assert_eq!((&none["plan_name"], &none["status"]), (&json!("free"), &json!("none")));

    ada.subscribe(&app, &client, "basic").await;
    let basic = ada.subscription(&client).await;
    assert_eq!((&basic["plan_name"], &basic["status"]), (&json!("basic"), &json!("active")));
    assert_eq!(basic["monthly_quota_credits"], 5000);
    assert_eq!(basic["current_period_start"], app.now().await);
    let credits = ada.credits(&client).await;
    // The rest of the free credits stays as top-up credits.
    assert_eq!(balances(&credits), (json!(6000), json!(5000), json!(1000)));
    assert_eq!(credits["quota"]["resets_at"], basic["current_period_end"]);

    ada.buy_credits(&app, &client, 500).await;
    assert_eq!(balances(&ada.credits(&client).await), (json!(6500), json!(5000), json!(1500)));
    let key = ada.visitor_with_key(&app, &client).await;
    let spent = key.spend_credits(&client, "run-1", "5000.004").await.expect(200).json();
    assert_eq!(spent["balance"], json!(1499.996));
    assert_eq!(spent["transaction"]["credits"], json!(-5000.004));
    let rest = json!(1499.996);
    assert_eq!(balances(&ada.credits(&client).await), (rest.clone(), json!(0), rest));
    key.spend_credits(&client, "run-2", "1500").await.expect_error(402, "INSUFFICIENT_CREDITS");
    let types: Vec<_> =
        ada.transactions(&client).await.iter().map(|entry| entry["type"].clone()).collect();
    assert_eq!(types, ["usage", "topup", "quota_grant", "adjustment", "quota_grant"]);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_declined_card_buys_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let session = ada.checkout(&client, "pro").await;
    app.pay_checkout(&session, "4000000000000002").await.expect(402);
    assert_eq!(ada.subscription(&client).await["plan_name"], "free");
    // The checkout session remains open.
    app.pay_checkout(&session, CARD).await.expect(200);
    assert_eq!(ada.subscription(&client).await["plan_name"], "pro");
    assert_eq!(balances(&ada.credits(&client).await), (json!(21000), json!(20000), json!(1000)));
    app.assert_ledgers_consistent().await;
}

//! The log of cards that are added and removed at Stripe.

use reqwest::Method;
use serde_json::json;
use tests::CARD;
use tests::billing::BillingFixture;

#[tokio::test]
async fn adding_and_removing_a_card_are_logged_once() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    let (success, cancel) = ada.return_urls();
    let body = json!({"success_url": success, "cancel_url": cancel});
    let path = format!("/v1/clients/{client}/payment-methods/setup");
    let setup = ada.post(&path, body).await.expect(200).json();
    app.set_webhook_delivery("duplicate").await;
    app.pay_checkout(setup["session_id"].as_str().unwrap(), CARD).await.expect(200);
    let customer = app.stripe_customer(client).await;
    let cards = fixture.get(&format!("payment_methods?customer={customer}")).await;
    let card = cards["data"][0]["id"].as_str().unwrap().to_owned();
    let count_logged = async |action: &str| {
        let log = ada.visitor.all(&format!("/v1/clients/{client}/activity")).await;
        log.iter().filter(|entry| entry["action"] == action).count()
    };
    assert_eq!(count_logged("payment_method.added").await, 1);
    assert_eq!(count_logged("payment_method.removed").await, 0);
    app.call_stripe(Method::POST, &format!("payment_methods/{card}/detach"), "").await.expect(200);
    app.set_webhook_delivery("duplicate").await;
    assert_eq!(count_logged("payment_method.added").await, 1);
    assert_eq!(count_logged("payment_method.removed").await, 1);
    app.assert_ledgers_consistent().await;
}

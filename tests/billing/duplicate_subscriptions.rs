//! Payments for a second or an ended subscription are refunded.

use reqwest::Method;
use serde_json::json;
use tests::CARD;
use tests::billing::{BillingFixture, deliver_event};

/// The payment arrives late through a bank transfer or the page of the invoice.
#[tokio::test]
async fn a_late_payment_for_an_ended_plan_is_refunded() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, .. } = &fixture;
    let acme = ada.create_client("Acme").await;
    let session = ada.checkout(&acme, "basic").await;
    app.pay_checkout(&session, "us_bank_account").await.expect(200);
    // The bank transfer is pending, which is not a failed payment.
    let failed = async || {
        app.wait_for_worker().await;
        let all = app.subjects(&ada.email).await;
        all.iter().filter(|subject| subject.starts_with("Payment failed")).count()
    };
    assert_eq!(failed().await, 0);
    ada.delete(&format!("/v1/clients/{acme}"), json!({"confirm": "Acme"})).await.expect(200);
    app.wait_for_worker().await;
    app.advance_clock(60).await;
    app.control_stripe(&format!("checkout/{session}/settle"), json!({"succeeded": true})).await;
    let refunds = fixture.get("refunds").await;
    let amounts: Vec<_> =
        refunds["data"].as_array().unwrap().iter().map(|refund| refund["amount"].clone()).collect();
    assert_eq!(amounts, [5000]);
    let receipts = app.subjects(&ada.email).await;
    assert!(!receipts.iter().any(|subject| subject.starts_with("Receipt")), "{receipts:?}");
}

/// Creates a second subscription of the customer without delivering its events, and returns its id.
async fn create_second_subscription(fixture: &BillingFixture) -> String {
    let customer = fixture.app.stripe_customer(&fixture.client).await;
    let form = format!(
        "mode=subscription&customer={customer}&success_url=https://app.example&line_items[0][quantity]=1\
         &line_items[0][price]=price_pro_monthly"
    );
    let made = fixture.app.call_stripe(Method::POST, "checkout/sessions", &form).await.expect(200);
    let session = made.json()["id"].as_str().unwrap().to_owned();
    fixture.app.pay_checkout(&session, CARD).await.expect(200);
    let checkout = fixture.get(&format!("checkout/sessions/{session}")).await;
    checkout["subscription"].as_str().unwrap().to_owned()
}

/// Asserts that the first subscription continues and the other one is canceled and refunded.
async fn assert_one_subscription_stays(fixture: &BillingFixture, other: &str) {
    assert_eq!(fixture.plan().await, ("basic".to_owned(), "active".to_owned()));
    let refunds = fixture.get("refunds").await;
    assert_eq!(refunds["data"].as_array().unwrap().len(), 1, "{refunds}");
    assert_eq!(fixture.get(&format!("subscriptions/{other}")).await["status"], "canceled");
    assert_eq!(fixture.ada.credits(&fixture.client).await["balance"], 6000);
    assert_eq!(fixture.entries("quota_grant").await, [json!(5000), json!(1000)]);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_second_subscription_is_canceled_and_refunded() {
    let fixture = BillingFixture::start().await;
    fixture.ada.subscribe(&fixture.app, &fixture.client, "basic").await;
    fixture.app.set_webhook_delivery("duplicate").await;
    let other = create_second_subscription(&fixture).await;
    assert_one_subscription_stays(&fixture, &other).await;
}

/// Stripe fails at each call of that in turn. The payment of the canceled subscription is refunded
/// nevertheless.
#[tokio::test]
async fn a_fault_does_not_prevent_the_refund() {
    // The number of calls that succeed before the fault.
    for succeeding in 0..8 {
        let fixture = BillingFixture::start().await;
        fixture.ada.subscribe(&fixture.app, &fixture.client, "basic").await;
        fixture.app.set_webhook_delivery("hold").await;
        let other = create_second_subscription(&fixture).await;
        let fault = json!({"next": 2, "status": 500, "skip": succeeding});
        fixture.app.control_stripe("faults", fault).await;
        let kind = "customer.subscription.created";
        let handled = deliver_event(&fixture.app, "evt_first", kind, &other).await;
        assert!(
            handled.is_err() || succeeding >= 7,
            "the fault after {succeeding} calls is swallowed"
        );
        fixture.app.control_stripe("faults", json!({"next": 0, "status": 500})).await;
        fixture.app.set_webhook_delivery("normal").await;
        assert_one_subscription_stays(&fixture, &other).await;
    }
}

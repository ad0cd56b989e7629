//! Refunds, disputes and failed payments, and their effect on credits.

use reqwest::Method;
use serde_json::json;
use tests::CARD;
use tests::billing::{BillingFixture, DISPUTED_CARD, deliver_event};
use tests::time::DAY;

#[tokio::test]
async fn a_refund_takes_back_bought_credits_even_if_spent() {
    let fixture = BillingFixture::start().await;
    let (app, client) = (&fixture.app, &fixture.client);
    let first = fixture.payment_id(&fixture.buy_credits(500, CARD).await).await;
    fixture.refund(&first, "").await;
    assert_eq!(fixture.topup_balance().await, 0);
    let second = fixture.payment_id(&fixture.buy_credits(1000, CARD).await).await;
    fixture.refund(&second, "&amount=400").await;
    assert_eq!(fixture.topup_balance().await, 600);
    let key = fixture.ada.visitor_with_key(app, client).await;
    key.spend_credits(client, "run", "1500").await.expect(200);
    fixture.refund(&second, "&amount=600").await;
    let credits = fixture.ada.credits(client).await;
    assert_eq!((&credits["balance"], &credits["topup_balance"]), (&json!(-500), &json!(-500)));
    key.spend_credits(client, "more", "0.000001").await.expect_error(402, "INSUFFICIENT_CREDITS");
    assert_eq!(fixture.entries("refund").await, [json!(-600), json!(-400), json!(-500)]);
    // The next purchase settles the debt first.
    fixture.buy_credits(700, CARD).await;
    assert_eq!(fixture.topup_balance().await, 200);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_refund_event_before_the_payment_event_has_its_effect() {
    let fixture = BillingFixture::start().await;
    fixture.app.set_webhook_delivery("hold").await;
    let session = fixture.buy_credits(500, CARD).await;
    let payment = fixture.payment_id(&session).await;
    let form = format!("payment_intent={payment}");
    fixture.app.call_stripe(Method::POST, "refunds", &form).await.expect(200);
    fixture.app.set_webhook_delivery("reverse").await;
    assert_eq!(fixture.topup_balance().await, 0);
    assert_eq!(fixture.entries("topup").await, [json!(500)]);
    assert_eq!(fixture.entries("refund").await, [json!(-500)]);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_refund_of_a_subscription_takes_the_remaining_quota() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    ada.subscribe(app, client, "basic").await;
    let key = ada.visitor_with_key(app, client).await;
    key.spend_credits(client, "run", "4500").await.expect(200);
    let customer = app.stripe_customer(client).await;
    let payments = fixture.get(&format!("payment_intents?customer={customer}")).await;
    fixture.refund(payments["data"][0]["id"].as_str().unwrap(), "").await;
    assert_eq!(fixture.entries("refund").await, [json!(-500)]);
    let credits = ada.credits(client).await;
    assert_eq!((&credits["quota"]["remaining"], &credits["balance"]), (&json!(0), &json!(1000)));
    // The plan stays until the subscription ends.
    assert_eq!(fixture.plan().await.0, "basic");
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_dispute_takes_the_credits_until_it_is_won() {
    for (decision, left) in [("won", 500), ("lost", 0)] {
        let fixture = BillingFixture::start().await;
        let session = fixture.buy_credits(500, DISPUTED_CARD).await;
        assert_eq!(fixture.entries("topup").await, [json!(500)]);
        assert_eq!(fixture.entries("adjustment").await, [json!(-500)]);
        assert_eq!(fixture.topup_balance().await, 0);
        let payment = fixture.payment_id(&session).await;
        let disputes = fixture.get(&format!("disputes?payment_intent={payment}")).await;
        let dispute = disputes["data"][0]["id"].as_str().unwrap().to_owned();
        fixture
            .app
            .control_stripe(&format!("disputes/{dispute}/close"), json!({"status": decision}))
            .await;
        assert_eq!(fixture.topup_balance().await, left, "{decision}");
        for again in ["evt_a", "evt_b"] {
            deliver_event(&fixture.app, again, "charge.dispute.closed", &dispute).await.unwrap();
        }
        assert_eq!(fixture.topup_balance().await, left, "{decision}");
        fixture.app.assert_ledgers_consistent().await;
    }
}

#[tokio::test]
async fn a_delayed_payment_adds_credits_when_it_settles() {
    for (succeeded, left) in [(true, 500), (false, 0)] {
        let fixture = BillingFixture::start().await;
        let session = fixture.buy_credits(500, "us_bank_account").await;
        assert_eq!(fixture.topup_balance().await, 0);
        fixture.app.advance_clock(2 * DAY).await;
        let path = format!("checkout/{session}/settle");
        fixture.app.control_stripe(&path, json!({"succeeded": succeeded})).await;
        assert_eq!(fixture.topup_balance().await, left);
        fixture.app.assert_ledgers_consistent().await;
    }
}

#[tokio::test]
async fn an_expired_checkout_session_is_forgotten() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    let session = ada.checkout(client, "basic").await;
    let checkout = async || {
        let rows = app.items(&format!("CLIENT#{client}"), "BILLING").await;
        rows[0]["checkout"]["S"].as_str().map(str::to_owned)
    };
    assert_eq!(checkout().await, Some(session.clone()));
    app.control_stripe(&format!("checkout/{session}/expire"), json!({})).await;
    assert_eq!(checkout().await, None);
    assert_eq!(fixture.plan().await, ("free".to_owned(), "none".to_owned()));
    ada.subscribe(app, client, "basic").await;
    assert_eq!(fixture.plan().await.0, "basic");
    app.assert_ledgers_consistent().await;
}

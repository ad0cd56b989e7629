//! Upgrades: invoiced at once, in force when they are paid.

use serde_json::json;
use tests::CARD;
use tests::billing::{BillingFixture, CONFIRMED_LATER, DECLINED_LATER};

#[tokio::test]
async fn an_upgrade_is_paid_and_takes_effect_at_once() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    // The answer has everything, also if no event arrives.
    fixture.app.set_webhook_delivery("hold").await;
    let preview = fixture.preview_change("pro").await.expect(200).json();
    assert_eq!(preview["direction"], "upgrade");
    assert_eq!((&preview["amount_due_now"], &preview["currency"]), (&json!(15_000), &json!("usd")));
    assert_eq!(preview["quota_credits_now"], 15_000);
    assert_eq!(preview["monthly_quota_credits"], 20_000);
    assert_eq!(preview["monthly_price"], 20_000);
    let changed = fixture.change_plan("pro").await.expect(200).json();
    assert_eq!((&changed["status"], &changed["plan_name"]), (&json!("applied"), &json!("pro")));
    assert_eq!(changed["payment_url"], json!(null));
    assert_eq!(fixture.invoices_at_stripe().await[0]["amount_paid"], 15_000);
    let credits = fixture.credits().await;
    assert_eq!(credits["quota"]["remaining"], 20_000);
    assert_eq!(credits["quota"]["monthly"], fixture.subscription().await["monthly_quota_credits"]);
    assert_eq!(fixture.entries("quota_grant").await, [json!(15_000), json!(5000), json!(1000)]);
    // The events change nothing more.
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.credits().await, credits);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn half_a_period_costs_and_brings_half() {
    let mut fixture = BillingFixture::subscribed("basic", CARD).await;
    let view = fixture.subscription().await;
    let time = |name: &str| view[name].as_i64().unwrap();
    let (start, end) = (time("current_period_start"), time("current_period_end"));
    fixture.advance_to(start + (end - start) / 2).await;
    let preview = fixture.preview_change("pro").await.expect(200).json();
    assert_eq!(preview["amount_due_now"], 7_500);
    assert_eq!(preview["quota_credits_now"], 7_500);
    fixture.change_plan("pro").await.expect(200);
    let credits = fixture.credits().await;
    assert_eq!(credits["quota"]["remaining"], 12_500);
    let usage = fixture.ada.get(&format!("/v1/clients/{}/usage", fixture.client)).await;
    assert_eq!(usage.expect(200).json()["metrics"][2]["limit"], 12_500);
    // In the last second it costs nothing, so it brings nothing.
    fixture.advance_to(end + 3_601).await;
    assert_eq!(fixture.credits().await["quota"]["remaining"], 20_000);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_upgrade_in_the_last_second_brings_no_credits() {
    let mut fixture = BillingFixture::subscribed("basic", CARD).await;
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    fixture.advance_to(end - 1).await;
    let preview = fixture.preview_change("pro").await.expect(200).json();
    assert_eq!((&preview["amount_due_now"], &preview["quota_credits_now"]), (&json!(0), &json!(0)));
    fixture.change_plan("pro").await.expect(200);
    assert_eq!(fixture.credits().await["quota"]["remaining"], 5000);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_unpaid_upgrade_waits_and_gives_nothing() {
    for card in [DECLINED_LATER, CONFIRMED_LATER] {
        let fixture = BillingFixture::subscribed("basic", card).await;
        let changed = fixture.change_plan("pro").await.expect(200).json();
        assert_eq!(changed["status"], "awaiting_payment");
        assert_eq!(
            (&changed["plan_name"], &changed["effective_at"]),
            (&json!("basic"), &json!(null))
        );
        let waiting = fixture.subscription().await;
        assert_eq!(
            (&waiting["plan_name"], &waiting["status"]),
            (&json!("basic"), &json!("active"))
        );
        assert_eq!(waiting["unpaid_change"]["plan_name"], "pro");
        assert_eq!(waiting["unpaid_change"]["payment_url"], changed["payment_url"]);
        assert_eq!(fixture.credits().await["quota"]["remaining"], 5000);
        fixture.app.set_webhook_delivery("normal").await;
        assert_eq!(fixture.credits().await["quota"]["remaining"], 5000);
        // It takes effect when it is paid on Stripe's page.
        fixture.pay_invoice(changed["payment_url"].as_str().unwrap(), CARD).await;
        fixture.app.set_webhook_delivery("normal").await;
        let paid = fixture.subscription().await;
        assert_eq!((&paid["plan_name"], &paid["unpaid_change"]), (&json!("pro"), &json!(null)));
        assert_eq!(fixture.credits().await["quota"]["remaining"], 20_000);
        fixture.app.assert_ledgers_consistent().await;
    }
}

#[tokio::test]
async fn an_unpaid_upgrade_expires_and_can_be_tried_again() {
    let mut fixture = BillingFixture::subscribed("basic", DECLINED_LATER).await;
    fixture.change_plan("pro").await.expect(200);
    // A second attempt replaces the first, whose invoice is void.
    let again = fixture.change_plan("pro").await.expect(200).json();
    assert_eq!(again["status"], "awaiting_payment");
    let invoices = fixture.invoices_at_stripe().await;
    let statuses: Vec<_> = invoices.iter().map(|invoice| invoice["status"].clone()).collect();
    assert_eq!(statuses, [json!("open"), json!("void"), json!("paid")]);
    let expires = fixture.subscription().await["unpaid_change"]["expires_at"].as_i64().unwrap();
    fixture.advance_to(expires + 1).await;
    fixture.app.set_webhook_delivery("normal").await;
    let expired = fixture.subscription().await;
    assert_eq!((&expired["plan_name"], &expired["unpaid_change"]), (&json!("basic"), &json!(null)));
    assert_eq!(fixture.entries("quota_grant").await, [json!(5000), json!(1000)]);
    fixture.app.assert_ledgers_consistent().await;
}

/// The portal no longer changes plans, and an upgrade is paid before it takes effect. So nobody gets the limits of a
/// larger plan for the price of a smaller one by changing and canceling.
#[tokio::test]
async fn changing_and_canceling_gives_no_larger_plan() {
    let fixture = BillingFixture::subscribed("basic", DECLINED_LATER).await;
    fixture.change_plan("pro").await.expect(200);
    let canceled = fixture.cancel_plan().await.expect(200).json();
    assert_eq!(
        (&canceled["plan_name"], &canceled["cancel_at_period_end"]),
        (&json!("basic"), &json!(true))
    );
    assert_eq!(canceled["unpaid_change"], json!(null));
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.plan().await, ("basic".to_owned(), "active".to_owned()));
    assert_eq!(fixture.credits().await["quota"]["remaining"], 5000);
    let invoices = fixture.invoices_at_stripe().await;
    assert_eq!(invoices[0]["status"], "void");

    let (_, cancel) = fixture.ada.return_urls();
    let path = format!("/v1/clients/{}/portal", fixture.client);
    let portal = fixture.ada.post(&path, json!({"return_url": cancel})).await.expect(200).json();
    let page = portal["url"].as_str().unwrap().split_once("/local/").unwrap().1.to_owned();
    let subscription = fixture.subscription_at_stripe().await;
    let subscription = subscription["id"].as_str().unwrap();
    for action in ["change", "cancel", "resume"] {
        let form = format!("action={action}&subscription={subscription}&price=price_pro_monthly");
        let form = Some(("application/x-www-form-urlencoded", form.into_bytes()));
        let visitor = fixture.app.visitor();
        visitor.send(reqwest::Method::POST, &format!("/local/{page}"), form).await.expect(400);
    }
    assert_eq!(fixture.plan().await, ("basic".to_owned(), "active".to_owned()));
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_refunded_upgrade_takes_back_its_credits() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    fixture.change_plan("pro").await.expect(200);
    let customer = fixture.app.stripe_customer(&fixture.client).await;
    let payments = fixture.get(&format!("payment_intents?customer={customer}")).await;
    assert_eq!(payments["data"][0]["amount"], 15_000);
    fixture.refund(payments["data"][0]["id"].as_str().unwrap(), "").await;
    assert_eq!(fixture.credits().await["quota"]["remaining"], 5000);
    fixture.app.assert_ledgers_consistent().await;
}

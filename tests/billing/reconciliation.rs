//! Deleted organizations and customers, duplicate subscriptions, and the reconciliation with
//! Stripe.

use reqwest::Method;
use serde_json::{Value, json};
use shared::activity::Log;
use shared::billing::audit::{audit_ledger, audit_payments};
use shared::dynamo::{Condition, Key, Update};
use shared::error::Error;
use shared::keys;
use tests::{CARD, TestApp};

use crate::billing::events::deliver_event;
use crate::billing::refunds::{BillingFixture, DAY};

/// Marks an organization as deleted, as its deletion does before it deletes the customer.
async fn mark_deleted(app: &TestApp, client: &str) {
    let ctx = app.stack().context();
    let gone = Update::new(keys::organization(&client.parse().unwrap()))
        .set("deleted_at", ctx.now())
        .unwrap();
    let gone = gone.add("version", 1).only_if(Condition::Exists);
    let mut tx = ctx.table.transaction();
    tx.update(gone, Error::NotFound).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
}

#[tokio::test]
async fn late_payments_of_a_deleted_organization_are_refunded() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    app.set_webhook_delivery("hold").await;
    fixture.buy_credits(500, CARD).await;
    ada.subscribe(app, client, "basic").await;
    let customer = app.stripe_customer(client).await;
    mark_deleted(app, client).await;
    app.set_webhook_delivery("normal").await;
    let refunds = fixture.get("refunds").await;
    let amounts: Vec<_> =
        refunds["data"].as_array().unwrap().iter().map(|refund| refund["amount"].clone()).collect();
    assert_eq!(amounts, [500]);
    let path = format!("subscriptions?customer={customer}&status=all");
    assert_eq!(fixture.get(&path).await["data"][0]["status"], "canceled");
    let entries = app.items(&format!("LEDGER#{client}"), "ENTRY#").await;
    assert_eq!(entries.len(), 1, "nothing but the free credits");
    app.assert_ledgers_consistent().await;
}

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
    assert_eq!(fixture.ada.credits(&fixture.client).await["balance"], 5000);
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

/// Asserts that the customer is deleted, the subscription is canceled and the ledger is complete.
async fn assert_ended(fixture: &BillingFixture, client: &str, customer: &str, entries: usize) {
    let app = &fixture.app;
    app.wait_for_worker().await;
    app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.get(&format!("customers/{customer}")).await["deleted"], true);
    let path = format!("subscriptions?customer={customer}&status=all");
    assert_eq!(fixture.get(&path).await["data"][0]["status"], "canceled");
    let left = app.items(&format!("LEDGER#{client}"), "ENTRY#").await;
    assert!(left.len() >= entries && entries > 0, "{left:?}");
    assert_eq!(app.items(&format!("CLIENT#{client}"), "META").await, Vec::<Value>::new());
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn deleting_an_organization_ends_stripe_and_keeps_the_ledger() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, .. } = &fixture;
    let client =
        crate::routes::deletion::insert_organization(app, &ada.id().await, &[]).await.to_string();
    ada.subscribe(app, &client, "basic").await;
    let customer = app.stripe_customer(&client).await;
    crate::routes::delete_client::delete_organization(ada, &client, "Analytical Engines")
        .await
        .expect(200);
    assert_ended(&fixture, &client, &customer, 1).await;
}

#[tokio::test]
async fn erasing_an_account_ends_stripe_and_keeps_the_ledger() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    ada.subscribe(app, client, "basic").await;
    fixture.buy_credits(500, CARD).await;
    let customer = app.stripe_customer(client).await;
    let before = app.items(&format!("LEDGER#{client}"), "ENTRY#").await.len();
    // Erasing the account deletes its default organization.
    crate::routes::deletion::delete_account(ada).await;
    assert_eq!(fixture.get(&format!("customers/{customer}")).await["id"], json!(customer));
    app.advance_clock(15 * DAY).await;
    assert_ended(&fixture, client, &customer, before).await;
}

#[tokio::test]
async fn a_deleted_customer_is_on_the_free_plan_and_can_resubscribe() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    ada.subscribe(app, client, "basic").await;
    let first = app.stripe_customer(client).await;
    fixture.change_at_stripe(Method::DELETE, &format!("customers/{first}"), "").await;
    assert_eq!(fixture.plan().await, ("free".to_owned(), "canceled".to_owned()));
    assert_eq!(ada.credits(client).await["balance"], 0);
    ada.subscribe(app, client, "pro").await;
    assert_ne!(app.stripe_customer(client).await, first);
    assert_eq!(fixture.plan().await, ("pro".to_owned(), "active".to_owned()));
    assert_eq!(ada.credits(client).await["balance"], 20_000);
    app.assert_ledgers_consistent().await;
}

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

#[tokio::test]
async fn events_about_unknown_objects_change_nothing() {
    let fixture = BillingFixture::start().await;
    let app = &fixture.app;
    let made = app.call_stripe(Method::POST, "customers", "email=x@example.com").await.expect(200);
    let unknown_customer = made.json()["id"].as_str().unwrap().to_owned();
    app.set_webhook_delivery("normal").await;
    let before = app.items("", "").await.len();
    fixture.change_at_stripe(Method::DELETE, &format!("customers/{unknown_customer}"), "").await;
    for (event, kind, object) in [
        ("evt_1", "customer.deleted", "cus_unknown"),
        ("evt_2", "invoice.paid", "in_unknown"),
        ("evt_3", "charge.refunded", "ch_unknown"),
        ("evt_4", "charge.dispute.created", "du_unknown"),
        ("evt_5", "checkout.session.completed", "cs_unknown"),
        ("evt_6", "customer.subscription.updated", "sub_unknown"),
        ("evt_7", "payment_method.detached", "pm_unknown"),
        ("evt_8", "invoice.paid", "no id"),
        ("evt_9", "a.new.kind", "in_unknown"),
    ] {
        deliver_event(app, event, kind, object).await.unwrap();
    }
    // A handled event is recorded: the deletion of the unknown customer, and eight of these.
    assert_eq!(app.items("", "").await.len() - before, 9);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn the_reconciliation_handles_missed_events() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, client } = &fixture;
    app.set_webhook_delivery("hold").await;
    ada.subscribe(app, client, "basic").await;
    fixture.buy_credits(500, CARD).await;
    assert_eq!(ada.credits(client).await["balance"], 1000);
    app.advance_clock(DAY + 1).await;
    assert_eq!(fixture.plan().await.0, "basic");
    assert_eq!(ada.credits(client).await["balance"], 5500);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn the_audit_finds_a_wrong_ledger_or_payment() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, client, .. } = &fixture;
    let payment = fixture.payment_id(&fixture.buy_credits(500, CARD).await).await;
    app.advance_clock(2 * 60 * 60).await;
    let (ctx, stripe) = (app.stack().context(), &app.stack().clients().stripe);
    let id = client.parse().unwrap();
    assert_eq!(audit_payments(ctx, stripe).await.unwrap(), 0);
    let change = async |update: Update| {
        let mut tx = ctx.table.transaction();
        tx.update(update.only_if(Condition::Exists), Error::NotFound).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    };
    let amount = |by| Update::new(keys::stripe_object(&payment)).add("amount", by);
    change(amount(1)).await;
    assert_eq!(audit_payments(ctx, stripe).await.unwrap(), 1);
    change(amount(-1)).await;
    assert_eq!(audit_payments(ctx, stripe).await.unwrap(), 0);
    let entry = |by| {
        let key: Key = keys::ledger_entry(&id, 2);
        Update::new(key).add("topups_micros", by)
    };
    change(entry(1)).await;
    assert!(!audit_ledger(ctx, &id).await.unwrap());
    change(entry(-1)).await;
    let balance = |by| Update::new(keys::balance(&id)).add("topups_micros", by);
    change(balance(1)).await;
    assert!(!audit_ledger(ctx, &id).await.unwrap());
    change(balance(-1)).await;
    assert!(audit_ledger(ctx, &id).await.unwrap());
    app.assert_ledgers_consistent().await;
}

//! What happens in Stripe and in the ledger when an organization or its customer is deleted.

use reqwest::Method;
use serde_json::{Value, json};
use shared::activity::Log;
use shared::dynamo::{Condition, Update};
use shared::error::Error;
use shared::keys;
use tests::account_deletion::delete_account;
use tests::billing::BillingFixture;
use tests::organizations::{
    begin_sweep_now, delete_organization, insert_organization, restore_organization,
};
use tests::time::DAY;
use tests::{CARD, TestApp};

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
    let client = insert_organization(app, &ada.id().await, &[]).await.to_string();
    ada.subscribe(app, &client, "basic").await;
    let customer = app.stripe_customer(&client).await;
    delete_organization(ada, &client, "Analytical Engines").await.expect(200);
    app.wait_for_worker().await;
    // The customer is deleted at once, and the rest once the organization cannot be restored.
    assert_eq!(fixture.get(&format!("customers/{customer}")).await["deleted"], true);
    begin_sweep_now(app.stack().context(), &client).await;
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
    delete_account(ada).await;
    assert_eq!(fixture.get(&format!("customers/{customer}")).await["id"], json!(customer));
    app.advance_clock_with_last_runs(15 * DAY).await;
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
    // The rest of the free credits became top-up credits.
    assert_eq!(ada.credits(client).await["balance"], 1000);
    ada.subscribe(app, client, "pro").await;
    assert_ne!(app.stripe_customer(client).await, first);
    assert_eq!(fixture.plan().await, ("pro".to_owned(), "active".to_owned()));
    assert_eq!(ada.credits(client).await["balance"], 21_000);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_restored_organization_is_on_the_free_plan() {
    let fixture = BillingFixture::start().await;
    let BillingFixture { app, ada, .. } = &fixture;
    let client = insert_organization(app, &ada.id().await, &[]).await.to_string();
    ada.subscribe(app, &client, "basic").await;
    ada.buy_credits(app, &client, 500).await;
    let customer = app.stripe_customer(&client).await;
    delete_organization(ada, &client, "Analytical Engines").await.expect(200);
    app.wait_for_worker().await;
    app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.get(&format!("customers/{customer}")).await["deleted"], true);
    restore_organization(ada, &client).await.expect(200);
    app.wait_for_worker().await;
    let found = ada.get(&format!("/v1/clients/{client}")).await.expect(200).json();
    assert_eq!(found["plan"], "free");
    assert_eq!(ada.subscription(&client).await["status"], "canceled");
    // What was bought stays, and what is left of the plan's quota ends.
    assert_eq!(ada.credits(&client).await["balance"], 500);
    ada.subscribe(app, &client, "pro").await;
    assert_ne!(app.stripe_customer(&client).await, customer);
    assert_eq!(ada.credits(&client).await["balance"], 20_500);
    app.assert_ledgers_consistent().await;
}

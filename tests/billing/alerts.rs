//! Which mails are sent about used credits and open invoices.

use reqwest::Method;
use serde_json::json;
use tests::CARD;
use tests::billing::BillingFixture;

/// Counts the mails to the owner whose subject contains a text.
async fn count_mails(fixture: &BillingFixture, text: &str) -> usize {
    fixture.app.wait_for_worker().await;
    let subjects = fixture.app.subjects(&fixture.ada.email).await;
    subjects.iter().filter(|subject| subject.contains(text)).count()
}

#[tokio::test]
async fn used_up_credits_are_mailed_when_no_top_up_is_left() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    let key = fixture.ada.visitor_with_key(&fixture.app, &fixture.client).await;
    // The quota is used up, and 1,000 top-up credits are left.
    key.spend_credits(&fixture.client, "quota", "5000").await.expect(200);
    assert_eq!(count_mails(&fixture, "all of its credits").await, 0);
    assert_eq!(count_mails(&fixture, "90 % of its credits").await, 1);
    key.spend_credits(&fixture.client, "most", "999").await.expect(200);
    assert_eq!(count_mails(&fixture, "all of its credits").await, 0);
    key.spend_credits(&fixture.client, "last", "1").await.expect(200);
    assert_eq!(count_mails(&fixture, "all of its credits").await, 1);
    // An upgrade brings new credits, which are reported anew.
    fixture.change_plan("pro").await.expect(200);
    key.spend_credits(&fixture.client, "more", "15000").await.expect(200);
    assert_eq!(count_mails(&fixture, "all of its credits").await, 2);
}

#[tokio::test]
async fn only_invoices_that_are_sent_are_mailed_as_due() {
    let mut fixture = BillingFixture::subscribed("basic", CARD).await;
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    // A card is charged, so nothing is due.
    fixture.advance_to(end + 3_601).await;
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(count_mails(&fixture, "Payment due").await, 0);
    assert_eq!(fixture.credits().await["quota"]["remaining"], 5000);
    let id = fixture.subscription_at_stripe().await["id"].as_str().unwrap().to_owned();
    let sent = "collection_method=send_invoice&days_until_due=30";
    fixture.change_at_stripe(Method::POST, &format!("subscriptions/{id}"), sent).await;
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    fixture.advance_to(end + 3_601).await;
    fixture.app.set_webhook_delivery("normal").await;
    let invoice = fixture.invoices_at_stripe().await[0].clone();
    assert_eq!(invoice["status"], "open");
    assert_eq!(count_mails(&fixture, "Payment due: $50.00").await, 1);
    // The quota comes when it is paid.
    assert_eq!(fixture.entries("quota_grant").await, [json!(5000), json!(5000), json!(1000)]);
    fixture.pay_invoice(invoice["hosted_invoice_url"].as_str().unwrap(), CARD).await;
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.entries("quota_grant").await.len(), 4);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn customers_have_the_names_and_addresses_of_owners() {
    let fixture = BillingFixture::subscribed("basic", CARD).await;
    let list = fixture.ada.get("/v1/clients").await.expect(200).json();
    let customer = fixture.app.stripe_customer(&fixture.client).await;
    let customer = fixture.get(&format!("customers/{customer}")).await;
    assert_eq!(customer["name"], list["data"][0]["name"]);
    assert_eq!(customer["email"], fixture.ada.email);
    let invoice = &fixture.invoices_at_stripe().await[0];
    assert_eq!(invoice["customer_name"], list["data"][0]["name"]);
    // A new name reaches Stripe with the next page, and an address that was chosen for invoices stays.
    let acme = fixture.ada.create_client("Acme").await;
    let mut body = fixture.ada.checkout_body("basic");
    body["customer_email"] = json!("bills@example.com");
    let checkout = format!("/v1/clients/{acme}/subscription/checkout");
    fixture.ada.post(&checkout, body).await.expect(200);
    for (client, email) in
        [(&fixture.client, fixture.ada.email.as_str()), (&acme, "bills@example.com")]
    {
        let rename = json!({"name": "Engines Ltd"});
        fixture.ada.patch(&format!("/v1/clients/{client}"), rename).await.expect(200);
        fixture.ada.top_up_session(client, 500).await;
        let customer = fixture.app.stripe_customer(client).await;
        let customer = fixture.get(&format!("customers/{customer}")).await;
        assert_eq!((&customer["name"], &customer["email"]), (&json!("Engines Ltd"), &json!(email)));
    }
}

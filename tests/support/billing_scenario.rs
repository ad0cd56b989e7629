//! A run through every billing feature, which sends each kind of request to Stripe.

use reqwest::Method;
use serde_json::{Value, json};

use crate::billing::{DECLINED_LATER, DISPUTED_CARD, reconcile};
use crate::organizations::delete_organization;
use crate::stripe_calls::StripeCall;
use crate::{CARD, Person, TestApp, price};

/// The requests of an organization that uses every billing feature.
pub struct BillingScenario {
    /// Id of the organization that pays.
    pub client: String,
    /// Name of that organization.
    pub client_name: String,
    /// The address of the owner of a second organization, which is renamed.
    pub second_email: String,
    /// Id of that organization's customer in the Stripe simulator.
    pub customer: String,
    /// The requests that the service sent, the oldest first.
    pub requests: Vec<Value>,
}

impl BillingScenario {
    /// Runs through every billing feature.
    pub async fn run() -> Self {
        let app = TestApp::start().await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        let customer = subscribe_and_list_invoices(&app, &ada, &client).await;
        use_cards_portal_and_top_up(&app, &ada, &client).await;
        refund_before_payment_events(&app, &ada, &client, &customer).await;
        subscribe_again_at_stripe(&app, &client, &customer).await;
        let second_email = change_plans(&app).await;
        let other = ada.create_client("Acme").await;
        ada.checkout(&other, "basic").await;
        delete_organization(&ada, &other, "Acme").await.expect(200);
        app.wait_for_worker().await;
        deliver_events(&app).await;
        reconcile(&app).await;
        app.assert_ledgers_consistent().await;
        let organizations = ada.get("/v1/clients").await.expect(200).json();
        let client_name = organizations["data"][0]["name"].as_str().unwrap().to_owned();
        Self { client, client_name, second_email, customer, requests: app.stripe_requests().await }
    }

    /// Lists the requests of a function of the Stripe client.
    pub fn requests_of(&self, function: &str) -> Vec<&Value> {
        self.requests
            .iter()
            .filter(|request| StripeCall::find(request).function == function)
            .collect()
    }
}

/// Opens two checkout sessions, pays the second, lists the invoices, and returns the customer id.
pub async fn subscribe_and_list_invoices(app: &TestApp, ada: &Person, client: &str) -> String {
    let mut body = ada.checkout_body("basic");
    body["customer_email"] = json!("bills@example.com");
    ada.post(&format!("/v1/clients/{client}/subscription/checkout"), body).await.expect(200);
    ada.subscribe(app, client, "basic").await;
    let list = ada.get(&format!("/v1/clients/{client}/invoices")).await.expect(200).json();
    let invoice = list["data"][0]["id"].as_str().unwrap();
    ada.get(&format!("/v1/clients/{client}/invoices/{invoice}/pdf")).await.expect(302);
    app.stripe_customer(client).await
}

/// Adds a card, makes one the default, removes the other, opens the portal, and buys credits.
pub async fn use_cards_portal_and_top_up(app: &TestApp, ada: &Person, client: &str) {
    let (success, cancel) = ada.return_urls();
    let urls = json!({"success_url": success, "cancel_url": cancel});
    let path = format!("/v1/clients/{client}/payment-methods/setup");
    let page = ada.post(&path, urls).await.expect(200).json();
    app.pay_checkout(page["session_id"].as_str().unwrap(), CARD).await.expect(200);
    let path = format!("/v1/clients/{client}/payment-methods?limit=1");
    let list = ada.get(&path).await.expect(200).json();
    let cursor = list["next_cursor"].as_str().expect("a second card");
    let rest = ada.get(&format!("{path}&cursor={cursor}")).await.expect(200).json();
    let [kept, removed] = [&rest, &list].map(|list| list["data"][0]["id"].as_str().unwrap());
    let path = format!("/v1/clients/{client}/payment-methods");
    ada.post(&format!("{path}/{kept}/default"), json!({})).await.expect(200);
    ada.delete(&format!("{path}/{removed}"), json!({})).await.expect(200);
    deliver_events(app).await;
    let body = json!({"return_url": cancel});
    ada.post(&format!("/v1/clients/{client}/portal"), body).await.expect(200);
    let page = ada.top_up_session(client, 700).await;
    app.pay_checkout(&page, DISPUTED_CARD).await.expect(200);
}

/// Refunds a top-up and another customer's subscription before the events of the payments are delivered.
pub async fn refund_before_payment_events(
    app: &TestApp,
    ada: &Person,
    client: &str,
    customer: &str,
) {
    let eve = app.sign_up("eve").await;
    let eves_client = eve.default_client().await;
    app.set_webhook_delivery("hold").await;
    ada.buy_credits(app, client, 500).await;
    eve.subscribe(app, &eves_client, "basic").await;
    for customer in [customer, &app.stripe_customer(&eves_client).await] {
        let path = format!("payment_intents?customer={customer}&limit=1");
        let newest = app.call_stripe(Method::GET, &path, "").await.expect(200).json();
        let form = format!("payment_intent={}", newest["data"][0]["id"].as_str().unwrap());
        app.call_stripe(Method::POST, "refunds", &form).await.expect(200);
    }
    let held = app.held_webhooks().await.into_iter();
    let order: Vec<_> =
        held.filter(|(_, kind)| kind == "charge.refunded").map(|(id, _)| id).collect();
    assert_eq!(order.len(), 2);
    app.control_stripe("deliveries/flush", json!({"order": order})).await;
    app.set_webhook_delivery("normal").await;
}

/// Creates a second subscription of a customer, as in Stripe's dashboard.
pub async fn subscribe_again_at_stripe(app: &TestApp, client: &str, customer: &str) {
    let form = format!(
        "mode=subscription&customer={customer}&success_url=https://example.com\
         &metadata[client_id]={client}&line_items[0][price]=price_pro_monthly&line_items[0][quantity]=1"
    );
    let page = app.call_stripe(Method::POST, "checkout/sessions", &form).await.expect(200).json();
    app.pay_checkout(page["id"].as_str().unwrap(), CARD).await.expect(200);
}

/// Previews and makes changes of plan, cancels and resumes, as two other customers; renames the second and returns the
/// address of its owner.
pub async fn change_plans(app: &TestApp) -> String {
    let fay = app.sign_up("fay").await;
    let client = fay.default_client().await;
    let session = fay.checkout(&client, "basic").await;
    app.pay_checkout(&session, DECLINED_LATER).await.expect(200);
    let path = |call: &str| format!("/v1/clients/{client}/subscription/{call}");
    let pro = price("pro");
    fay.get(&path(&format!("change?price_id={pro}"))).await.expect(200);
    let unpaid = fay.post(&path("change"), json!({"price_id": pro})).await.expect(200).json();
    assert_eq!(unpaid["status"], "awaiting_payment");
    fay.post(&path("cancel"), json!({})).await.expect(200);
    fay.post(&path("resume"), json!({})).await.expect(200);
    let gus = app.sign_up("gus").await;
    let client = gus.default_client().await;
    gus.subscribe(app, &client, "pro").await;
    let path = |call: &str| format!("/v1/clients/{client}/subscription/{call}");
    let basic = json!({"price_id": price("basic")});
    let later = gus.post(&path("change"), basic).await.expect(200).json();
    assert_eq!(later["status"], "scheduled");
    gus.post(&path("resume"), json!({})).await.expect(200);
    // The customer gets the new name with the next page.
    gus.patch(&format!("/v1/clients/{client}"), json!({"name": "Engines"})).await.expect(200);
    gus.top_up_session(&client, 500).await;
    gus.email.clone()
}

/// Waits until all events are delivered.
pub async fn deliver_events(app: &TestApp) {
    app.set_webhook_delivery("normal").await;
}

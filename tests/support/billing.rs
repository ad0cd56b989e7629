//! Subscriptions, payments and refunds in the local Stripe.

use reqwest::Method;
use serde_json::{Value, json};
use shared::billing::webhooks::process_event;
use shared::error::Result;
use shared::requester::Requester;
use shared::stripe::events::{EventData, EventObject, StripeEvent};

use crate::{Person, TestApp};

/// Handles an event about a Stripe object.
///
/// # Errors
/// The errors of [`process_event`].
pub async fn deliver_event(app: &TestApp, name: &str, kind: &str, object: &str) -> Result<()> {
    let stack = app.stack();
    let object = EventObject {
        id: Some(object.to_owned()),
        customer: None,
        charge: None,
        subscription: None,
    };
    let data = EventData { object, previous_attributes: None };
    let event = StripeEvent { id: name.to_owned(), kind: kind.to_owned(), data };
    process_event(stack.context(), &stack.clients().stripe, &Requester::service(), &event).await
}

/// A card whose payments succeed and are disputed.
pub const DISPUTED_CARD: &str = "4000000000000259";

/// A card that pays once and declines each later payment.
pub const DECLINED_LATER: &str = "4000000000000341";

/// A card whose later payments need a confirmation by the customer.
pub const CONFIRMED_LATER: &str = "4000002760003184";

/// A stack with a signed-up user and the default organization.
pub struct BillingFixture {
    /// The stack in which the organization pays.
    pub app: TestApp,
    /// The user, signed in.
    pub ada: Person,
    /// The id of the default organization.
    pub client: String,
}

impl BillingFixture {
    /// Starts the stack.
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        Self { app, ada, client }
    }

    /// Reads from the API of the local Stripe.
    pub async fn get(&self, path: &str) -> Value {
        self.app.call_stripe(Method::GET, path, "").await.expect(200).json()
    }

    /// Changes an object at Stripe and delivers the events.
    pub async fn change_at_stripe(&self, method: Method, path: &str, form: &str) {
        self.app.call_stripe(method, path, form).await.expect(200);
        self.app.set_webhook_delivery("normal").await;
    }

    /// Buys credits with a card and returns the checkout session id.
    pub async fn buy_credits(&self, credits: u32, card: &str) -> String {
        let session = self.ada.top_up_session(&self.client, credits).await;
        self.app.pay_checkout(&session, card).await.expect(200);
        session
    }

    /// Reads the payment id of a checkout session.
    pub async fn payment_id(&self, session: &str) -> String {
        let checkout = self.get(&format!("checkout/sessions/{session}")).await;
        checkout["payment_intent"].as_str().unwrap().to_owned()
    }

    /// Refunds a payment.
    pub async fn refund(&self, payment: &str, rest: &str) {
        self.change_at_stripe(Method::POST, "refunds", &format!("payment_intent={payment}{rest}"))
            .await;
    }

    /// Reads the balance of bought credits.
    pub async fn topup_balance(&self) -> Value {
        self.ada.credits(&self.client).await["topup_balance"].clone()
    }

    /// Lists the credits of the ledger entries of a type.
    pub async fn entries(&self, kind: &str) -> Vec<Value> {
        let all = self.ada.transactions(&self.client).await;
        let found = all.iter().filter(|entry| entry["type"] == kind);
        found.map(|entry| entry["credits"].clone()).collect()
    }

    /// Reads the name of the plan and the status of the subscription.
    pub async fn plan(&self) -> (String, String) {
        let view = self.ada.subscription(&self.client).await;
        let text = |name: &str| view[name].as_str().unwrap().to_owned();
        (text("plan_name"), text("status"))
    }
}

/// Runs the daily reconciliation.
pub async fn reconcile(app: &TestApp) {
    let (ctx, clients) = (app.stack().context().clone(), app.stack().clients().clone());
    let worker = worker::Worker::new(ctx, clients, app.stack().blobs().clone());
    let event = serde_json::from_value(json!({"schedule": "billing"})).unwrap();
    worker.invoke(event).await.unwrap();
}

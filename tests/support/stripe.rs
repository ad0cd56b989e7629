//! Billing calls of users and API keys, and control of the local Stripe.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Person, Reply, TestApp, Visitor};

/// A card number whose payments succeed.
pub const CARD: &str = "4242424242424242";

/// Returns the price id of a plan at the local Stripe.
pub fn price(plan: &str) -> String {
    format!("price_{plan}_monthly")
}

impl Person {
    /// Starts a subscription checkout and returns the checkout session id.
    pub async fn checkout(&self, client: &str, plan: &str) -> String {
        let body = self.checkout_body(plan);
        let path = format!("/v1/clients/{client}/subscription/checkout");
        session(&self.post(&path, body).await.expect(200))
    }

    /// Returns the body that starts a subscription checkout.
    pub fn checkout_body(&self, plan: &str) -> Value {
        let (success, cancel) = self.return_urls();
        json!({"price_id": price(plan), "success_url": success, "cancel_url": cancel})
    }

    /// Returns the success URL and the cancel URL.
    pub fn return_urls(&self) -> (String, String) {
        let site = self.visitor.site();
        (format!("{site}/billing?session={{CHECKOUT_SESSION_ID}}"), format!("{site}/billing"))
    }

    /// Starts a top-up and returns the checkout session id.
    pub async fn top_up_session(&self, client: &str, credits: u32) -> String {
        let (success, cancel) = self.return_urls();
        let body = json!({"credits": credits, "success_url": success, "cancel_url": cancel});
        session(&self.post(&format!("/v1/clients/{client}/credits/topup"), body).await.expect(200))
    }

    /// Subscribes an organization to a plan and pays.
    pub async fn subscribe(&self, app: &TestApp, client: &str, plan: &str) {
        let session = self.checkout(client, plan).await;
        app.pay_checkout(&session, CARD).await.expect(200);
    }

    /// Buys credits for an organization and pays.
    pub async fn buy_credits(&self, app: &TestApp, client: &str, credits: u32) {
        let session = self.top_up_session(client, credits).await;
        app.pay_checkout(&session, CARD).await.expect(200);
    }

    /// Reads the credits of an organization.
    pub async fn credits(&self, client: &str) -> Value {
        self.get(&format!("/v1/clients/{client}/credits")).await.expect(200).json()
    }

    /// Reads the subscription of an organization.
    pub async fn subscription(&self, client: &str) -> Value {
        self.get(&format!("/v1/clients/{client}/subscription")).await.expect(200).json()
    }

    /// Lists all ledger entries of an organization, the newest first.
    pub async fn transactions(&self, client: &str) -> Vec<Value> {
        self.visitor.all(&format!("/v1/clients/{client}/credits/transactions?limit=200")).await
    }

    /// Creates an API key of an organization and a visitor that sends it.
    pub async fn visitor_with_key(&self, app: &TestApp, client: &str) -> Visitor {
        let (_, key) = self.key(client, "ci").await;
        app.visitor().with_bearer(&key)
    }
}

impl Visitor {
    /// Spends credits of an organization; `credits` is a JSON number.
    pub async fn spend_credits(&self, client: &str, name: &str, credits: &str) -> Reply {
        let body = format!(r#"{{"credits":{credits},"description":"a run"}}"#);
        let at = self.clone().with_header("idempotency-key", name);
        at.post_raw(&format!("/v1/clients/{client}/usage"), "application/json", body).await
    }
}

impl TestApp {
    /// Submits a card on a Stripe checkout page.
    pub async fn pay_checkout(&self, session: &str, card: &str) -> Reply {
        let path = format!("/local/stripe/checkout/{session}/pay");
        self.visitor().post(&path, json!({"card": card})).await
    }

    /// Calls the API of the local Stripe; `path` comes after `/v1/`.
    pub async fn call_stripe(&self, method: Method, path: &str, form: &str) -> Reply {
        let access = self.stack().stripe().expect("the local Stripe");
        let at = self.visitor().with_bearer(&access.secret_key);
        let form = (!form.is_empty())
            .then(|| ("application/x-www-form-urlencoded", form.as_bytes().to_vec()));
        at.send(method, &format!("/local/stripe/v1/{path}"), form).await
    }

    /// Calls a control endpoint of the local Stripe; `path` comes after `/local/stripe/`.
    pub async fn control_stripe(&self, path: &str, body: Value) -> Value {
        self.visitor().post(&format!("/local/stripe/{path}"), body).await.expect(200).json()
    }

    /// Sets whether the local Stripe holds its webhooks or delivers them.
    pub async fn set_webhook_delivery(&self, mode: &str) {
        self.control_stripe("deliveries", json!({"mode": mode})).await;
    }

    /// Lists the ids and types of the webhooks that the local Stripe holds, the oldest first.
    pub async fn held_webhooks(&self) -> Vec<(String, String)> {
        let all = self.visitor().get("/local/stripe/deliveries").await.expect(200).json();
        let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
        let held = all["held"].as_array().unwrap().iter();
        held.map(|event| (text(event, "id"), text(event, "type"))).collect()
    }

    /// Lists the requests that the service sent to Stripe, the oldest first.
    pub async fn stripe_requests(&self) -> Vec<Value> {
        let all = self.visitor().get("/local/stripe/requests").await.expect(200).json();
        let all = all["data"].as_array().unwrap().iter();
        // Requests of the tests themselves have no user agent.
        all.filter(|request| !request["user_agent"].is_null()).cloned().collect()
    }

    /// Reads the Stripe customer id of an organization.
    pub async fn stripe_customer(&self, client: &str) -> String {
        let rows = self.items(&format!("CLIENT#{client}"), "BILLING").await;
        rows[0]["customer"]["S"].as_str().expect("a customer").to_owned()
    }
}

fn session(reply: &Reply) -> String {
    reply.json()["session_id"].as_str().expect("a session").to_owned()
}

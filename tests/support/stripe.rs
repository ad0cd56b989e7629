//! Money: what people, keys and the local Stripe do with it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Person, Reply, Visitor, World};

/// A card that pays.
pub const CARD: &str = "4242424242424242";

/// The local Stripe's price of a plan.
pub fn price(plan: &str) -> String {
    format!("price_{plan}_monthly")
}

impl Person {
    /// Asks for a page to subscribe on; the session's id.
    pub async fn checkout(&self, client: &str, plan: &str) -> String {
        let body = self.checkout_body(plan);
        let path = format!("/v1/clients/{client}/subscription/checkout");
        session(&self.post(&path, body).await.expect(200))
    }

    /// What asking for a page to subscribe on takes.
    pub fn checkout_body(&self, plan: &str) -> Value {
        let (success, cancel) = self.return_urls();
        json!({"price_id": price(plan), "success_url": success, "cancel_url": cancel})
    }

    /// Pages of ours to come back to.
    pub fn return_urls(&self) -> (String, String) {
        let site = self.at.site();
        (format!("{site}/billing?session={{CHECKOUT_SESSION_ID}}"), format!("{site}/billing"))
    }

    /// Asks for a page to buy credits on; the session's id.
    pub async fn top_up_session(&self, client: &str, credits: u32) -> String {
        let (success, cancel) = self.return_urls();
        let body = json!({"credits": credits, "success_url": success, "cancel_url": cancel});
        session(&self.post(&format!("/v1/clients/{client}/credits/topup"), body).await.expect(200))
    }

    /// Subscribes, pays, and hears of it.
    pub async fn subscribe(&self, world: &World, client: &str, plan: &str) {
        let session = self.checkout(client, plan).await;
        world.pay(&session, CARD).await.expect(200);
    }

    /// Buys credits, pays, and hears of it.
    pub async fn buy(&self, world: &World, client: &str, credits: u32) {
        let session = self.top_up_session(client, credits).await;
        world.pay(&session, CARD).await.expect(200);
    }

    /// What a client has.
    pub async fn credits(&self, client: &str) -> Value {
        self.get(&format!("/v1/clients/{client}/credits")).await.expect(200).json()
    }

    /// What a client subscribed to.
    pub async fn subscription(&self, client: &str) -> Value {
        self.get(&format!("/v1/clients/{client}/subscription")).await.expect(200).json()
    }

    /// All entries of a client's ledger, the newest first.
    pub async fn transactions(&self, client: &str) -> Vec<Value> {
        self.at.all(&format!("/v1/clients/{client}/credits/transactions?limit=200")).await
    }

    /// Somebody with a new key of the client.
    pub async fn charger(&self, world: &World, client: &str) -> Visitor {
        let (_, key) = self.key(client, "ci").await;
        world.visitor().with_bearer(&key)
    }
}

impl Visitor {
    /// Charges credits, as a number in JSON's words.
    pub async fn charge(&self, client: &str, name: &str, credits: &str) -> Reply {
        let body = format!(r#"{{"credits":{credits},"description":"a run"}}"#);
        let at = self.clone().with_header("idempotency-key", name);
        at.post_raw(&format!("/v1/clients/{client}/usage"), "application/json", body).await
    }
}

impl World {
    /// Pays on a page of Stripe's, or tries to.
    pub async fn pay(&self, session: &str, card: &str) -> Reply {
        let path = format!("/local/stripe/checkout/{session}/pay");
        self.visitor().post(&path, json!({"card": card})).await
    }

    /// Does something as Stripe's dashboard would, or asks Stripe: `path` behind `/v1/`.
    pub async fn stripe(&self, method: Method, path: &str, form: &str) -> Reply {
        let access = self.stack().stripe().expect("the local Stripe");
        let at = self.visitor().with_bearer(&access.secret_key);
        let form = (!form.is_empty())
            .then(|| ("application/x-www-form-urlencoded", form.as_bytes().to_vec()));
        at.send(method, &format!("/local/stripe/v1/{path}"), form).await
    }

    /// What people do to the local Stripe, and see: `path` behind `/local/stripe/`.
    pub async fn at_stripe(&self, path: &str, body: Value) -> Value {
        self.visitor().post(&format!("/local/stripe/{path}"), body).await.expect(200).json()
    }

    /// Holds what Stripe tells of, or tells it as it happens.
    pub async fn deliveries(&self, mode: &str) {
        self.at_stripe("deliveries", json!({"mode": mode})).await;
    }

    /// What Stripe holds, as ids and types, the oldest first.
    pub async fn held(&self) -> Vec<(String, String)> {
        let all = self.visitor().get("/local/stripe/deliveries").await.expect(200).json();
        let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
        let held = all["held"].as_array().unwrap().iter();
        held.map(|event| (text(event, "id"), text(event, "type"))).collect()
    }

    /// What the service has sent to Stripe, the oldest first.
    pub async fn stripe_requests(&self) -> Vec<Value> {
        let all = self.visitor().get("/local/stripe/requests").await.expect(200).json();
        let all = all["data"].as_array().unwrap().iter();
        // What a test does in Stripe's dashboard says nothing of who asks.
        all.filter(|request| !request["user_agent"].is_null()).cloned().collect()
    }

    /// The client's customer at Stripe.
    pub async fn customer(&self, client: &str) -> String {
        let rows = self.items(&format!("CLIENT#{client}"), "BILLING").await;
        rows[0]["customer"]["S"].as_str().expect("a customer").to_owned()
    }
}

fn session(reply: &Reply) -> String {
    reply.json()["session_id"].as_str().expect("a session").to_owned()
}

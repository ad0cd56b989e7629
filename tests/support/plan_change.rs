//! Changes of plan through the API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::billing::BillingFixture;
use crate::{Reply, price};

impl BillingFixture {
    /// Starts the stack with an organization that pays for a plan with a card.
    pub async fn subscribed(plan: &str, card: &str) -> Self {
        let fixture = Self::start().await;
        let session = fixture.ada.checkout(&fixture.client, plan).await;
        fixture.app.pay_checkout(&session, card).await.expect(200);
        fixture
    }

    /// Returns the path of a call about the subscription.
    pub fn subscription_path(&self, call: &str) -> String {
        format!("/v1/clients/{}/subscription/{call}", self.client)
    }

    /// Previews a change to a plan.
    pub async fn preview_change(&self, plan: &str) -> Reply {
        let path = format!("change?price_id={}", price(plan));
        self.ada.get(&self.subscription_path(&path)).await
    }

    /// Changes the plan.
    pub async fn change_plan(&self, plan: &str) -> Reply {
        let body = json!({"price_id": price(plan)});
        self.ada.post(&self.subscription_path("change"), body).await
    }

    /// Cancels the subscription.
    pub async fn cancel_plan(&self) -> Reply {
        self.ada.post(&self.subscription_path("cancel"), json!({})).await
    }

    /// Resumes the subscription.
    pub async fn resume_plan(&self) -> Reply {
        self.ada.post(&self.subscription_path("resume"), json!({})).await
    }

    /// Reads the subscription.
    pub async fn subscription(&self) -> Value {
        self.ada.subscription(&self.client).await
    }

    /// Reads the credits.
    pub async fn credits(&self) -> Value {
        self.ada.credits(&self.client).await
    }

    /// Reads the subscription at Stripe.
    pub async fn subscription_at_stripe(&self) -> Value {
        let customer = self.app.stripe_customer(&self.client).await;
        let path = format!("subscriptions?customer={customer}&status=all");
        self.get(&path).await["data"][0].clone()
    }

    /// Lists the invoices at Stripe, the newest first.
    pub async fn invoices_at_stripe(&self) -> Vec<Value> {
        let customer = self.app.stripe_customer(&self.client).await;
        let list = self.get(&format!("invoices?customer={customer}")).await;
        list["data"].as_array().unwrap().clone()
    }

    /// Pays an open invoice on its page with a card.
    pub async fn pay_invoice(&self, payment_url: &str, card: &str) {
        let path = payment_url.split_once("/local/").unwrap().1;
        let form = format!("action=pay&card={card}").into_bytes();
        let form = Some(("application/x-www-form-urlencoded", form));
        let page = format!("/local/{path}");
        self.app.visitor().send(Method::POST, &page, form).await.expect(303);
    }

    /// Advances the clock to a time in Unix seconds and signs in again.
    pub async fn advance_to(&mut self, moment: i64) {
        let seconds = moment - self.app.now().await;
        self.app.advance_clock_with_last_runs(u64::try_from(seconds).unwrap()).await;
        self.ada = self.ada.sign_in(&self.app).await;
    }
}

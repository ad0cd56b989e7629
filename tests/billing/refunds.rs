//! Refunds, disputes and failed payments, and their effect on credits.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{CARD, Person, TestApp};

use crate::billing::events::deliver_event;

/// A card whose payments succeed and are disputed.
const DISPUTED: &str = "4000000000000259";

pub(crate) const DAY: u64 = 24 * 60 * 60;

/// A stack with a signed-up user and the default organization.
pub(crate) struct BillingFixture {
    pub(crate) app: TestApp,
    pub(crate) ada: Person,
    pub(crate) client: String,
}

impl BillingFixture {
    /// Starts the stack.
    pub(crate) async fn start() -> Self {
        let app = TestApp::start().await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        Self { app, ada, client }
    }

    /// Reads from the API of the local Stripe.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.app.call_stripe(Method::GET, path, "").await.expect(200).json()
    }

    /// Changes an object at Stripe and delivers the events.
    pub(crate) async fn change_at_stripe(&self, method: Method, path: &str, form: &str) {
        self.app.call_stripe(method, path, form).await.expect(200);
        self.app.set_webhook_delivery("normal").await;
    }

    /// Buys credits with a card and returns the checkout session id.
    pub(crate) async fn buy_credits(&self, credits: u32, card: &str) -> String {
        let session = self.ada.top_up_session(&self.client, credits).await;
        self.app.pay_checkout(&session, card).await.expect(200);
        session
    }

    /// Reads the payment id of a checkout session.
    pub(crate) async fn payment_id(&self, session: &str) -> String {
        let checkout = self.get(&format!("checkout/sessions/{session}")).await;
        checkout["payment_intent"].as_str().unwrap().to_owned()
    }

    /// Refunds a payment.
    async fn refund(&self, payment: &str, rest: &str) {
        self.change_at_stripe(Method::POST, "refunds", &format!("payment_intent={payment}{rest}"))
            .await;
    }

    /// Reads the balance of bought credits.
    async fn topup_balance(&self) -> Value {
        self.ada.credits(&self.client).await["topup_balance"].clone()
    }

    /// Lists the credits of the ledger entries of a type.
    pub(crate) async fn entries(&self, kind: &str) -> Vec<Value> {
        let all = self.ada.transactions(&self.client).await;
        let found = all.iter().filter(|entry| entry["type"] == kind);
        found.map(|entry| entry["credits"].clone()).collect()
    }

    /// Reads the name of the plan and the status of the subscription.
    pub(crate) async fn plan(&self) -> (String, String) {
        let view = self.ada.subscription(&self.client).await;
        let text = |name: &str| view[name].as_str().unwrap().to_owned();
        (text("plan_name"), text("status"))
    }
}

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
    assert_eq!(ada.credits(client).await["balance"], 0);
    // The plan stays until the subscription ends.
    assert_eq!(fixture.plan().await.0, "basic");
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_dispute_takes_the_credits_until_it_is_won() {
    for (decision, left) in [("won", 500), ("lost", 0)] {
        let fixture = BillingFixture::start().await;
        let session = fixture.buy_credits(500, DISPUTED).await;
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

//! Faults of DynamoDB or Stripe while an event is handled: the response makes Stripe deliver the
//! event again, and it takes effect once.

use reqwest::Method;
use serde_json::{Value, json};
use tests::faults::PERMANENTLY;
use tests::{CARD, Fault, FaultProxy, Person, TestApp};

/// A test app on a fault proxy whose Stripe holds its webhooks.
struct FaultFixture {
    engine: FaultProxy,
    app: TestApp,
    ada: Person,
    client: String,
}

impl FaultFixture {
    /// Starts the app with a signed-up user.
    async fn start() -> Self {
        let engine = FaultProxy::start().await;
        let app = TestApp::start_on(&engine).await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        app.set_webhook_delivery("hold").await;
        Self { engine, app, ada, client }
    }

    /// Delivers the newest held event of a type and returns the status of the response.
    async fn deliver(&self, kind: &str) -> u64 {
        let held = self.app.held_webhooks().await;
        let (event, _) = held.iter().rfind(|(_, held)| held == kind).unwrap();
        let sent = self.app.control_stripe("deliveries/send", json!({"event": event})).await;
        sent["data"][0]["status"].as_u64().unwrap_or_default()
    }

    /// Delivers an event while each step fails in turn, until it is handled. Before that, Stripe
    /// fails once.
    async fn deliver_with_faults(&self, fault: Fault, kind: &str) {
        self.app.wait_for_worker().await;
        self.app.control_stripe("faults", json!({"next": 2, "status": 500})).await;
        assert_eq!(self.deliver(kind).await, 503, "{kind}: Stripe fails");
        for step in 0.. {
            self.engine.inject(fault, step, PERMANENTLY);
            let status = self.deliver(kind).await;
            let has_failed = self.engine.clear_fault();
            self.app.assert_ledgers_consistent().await;
            if status == 200 {
                // The handler has fewer steps, or the fault hit the worker that sends notifications.
                assert!(step >= 4, "{kind}: {fault:?} at step {step} is swallowed");
                assert!(!has_failed || step >= 6, "{kind}: {fault:?} at step {step}");
                break;
            }
            assert_eq!(status, 503, "{kind}: {fault:?} at step {step}");
            assert!(step < 40, "{kind} has no end");
            self.app.wait_for_worker().await;
        }
        // Delivering the event again changes nothing.
        assert_eq!(self.deliver(kind).await, 200);
        self.app.assert_ledgers_consistent().await;
    }

    /// Lists the credits of the ledger entries of a type.
    async fn entries(&self, kind: &str) -> Vec<Value> {
        let all = self.ada.transactions(&self.client).await;
        let found = all.iter().filter(|entry| entry["type"] == kind);
        found.map(|entry| entry["credits"].clone()).collect()
    }

    /// Calls the API of the local Stripe.
    async fn call_stripe(&self, method: Method, path: &str, form: &str) -> Value {
        self.app.call_stripe(method, path, form).await.expect(200).json()
    }

    /// Reads the payment id of a checkout session.
    async fn payment_id(&self, session: &str) -> String {
        let checkout =
            self.call_stripe(Method::GET, &format!("checkout/sessions/{session}"), "").await;
        checkout["payment_intent"].as_str().unwrap().to_owned()
    }

    /// Buys 500 credits with a card and returns the checkout session id.
    async fn buy_credits(&self, card: &str) -> String {
        let session = self.ada.top_up_session(&self.client, 500).await;
        self.app.pay_checkout(&session, card).await.expect(200);
        session
    }
}

const FAULTS: [Fault; 3] = [Fault::Throttled, Fault::Broken, Fault::CutOffBefore];

#[tokio::test]
async fn swallowed_error_a_top_up_is_entered_once() {
    let fixture = FaultFixture::start().await;
    for (fault, times) in FAULTS.into_iter().zip(1..) {
        fixture.buy_credits(CARD).await;
        fixture.deliver_with_faults(fault, "checkout.session.completed").await;
        assert_eq!(fixture.entries("topup").await, vec![json!(500); times]);
    }
}

#[tokio::test]
async fn swallowed_error_a_subscription_starts_and_grants_once() {
    for fault in FAULTS {
        let fixture = FaultFixture::start().await;
        let FaultFixture { app, ada, client, .. } = &fixture;
        ada.subscribe(app, client, "basic").await;
        fixture.deliver_with_faults(fault, "customer.subscription.created").await;
        assert_eq!(ada.subscription(client).await["plan_name"], "basic");
        let started = app.items("ACTIVITY#", "").await;
        let started = started.iter().filter(|row| row.to_string().contains("subscription.started"));
        assert!(started.count() > 0, "it is in the log");
        fixture.deliver_with_faults(fault, "invoice.paid").await;
        assert_eq!(fixture.entries("quota_grant").await, [json!(5000), json!(1000)]);
    }
}

#[tokio::test]
async fn swallowed_error_a_refund_is_entered_once() {
    let fixture = FaultFixture::start().await;
    for (fault, times) in FAULTS.into_iter().zip(1..) {
        let session = fixture.buy_credits(CARD).await;
        assert_eq!(fixture.deliver("checkout.session.completed").await, 200);
        let form = format!("payment_intent={}", fixture.payment_id(&session).await);
        fixture.call_stripe(Method::POST, "refunds", &form).await;
        fixture.deliver_with_faults(fault, "charge.refunded").await;
        assert_eq!(fixture.entries("refund").await, vec![json!(-500); times]);
    }
}

/// The dispute is delivered before the payment. Both are entered once.
#[tokio::test]
async fn swallowed_error_a_dispute_is_entered_once() {
    let fixture = FaultFixture::start().await;
    for (fault, times) in FAULTS.into_iter().zip(1..) {
        fixture.buy_credits("4000000000000259").await;
        fixture.deliver_with_faults(fault, "charge.dispute.created").await;
        assert_eq!(fixture.entries("adjustment").await, vec![json!(-500); times]);
        assert_eq!(fixture.entries("topup").await, vec![json!(500); times]);
    }
}

#[tokio::test]
async fn swallowed_error_a_deleted_customer_is_handled_once() {
    for fault in FAULTS {
        let fixture = FaultFixture::start().await;
        let FaultFixture { app, ada, client, .. } = &fixture;
        ada.subscribe(app, client, "basic").await;
        assert_eq!(fixture.deliver("invoice.paid").await, 200);
        assert_eq!(ada.credits(client).await["balance"], 6000);
        let customer = app.stripe_customer(client).await;
        fixture.call_stripe(Method::DELETE, &format!("customers/{customer}"), "").await;
        fixture.deliver_with_faults(fault, "customer.deleted").await;
        assert_eq!(ada.subscription(client).await["plan_name"], "free");
        assert_eq!(ada.credits(client).await["balance"], 1000);
        // The free credits became top-up credits, which changes no total.
        assert_eq!(fixture.entries("adjustment").await, [json!(-5000), json!(0)]);
    }
}

/// Stripe does not answer the first request, and the retry succeeds.
#[tokio::test]
async fn a_request_to_stripe_is_retried_after_a_timeout() {
    let fixture = FaultFixture::start().await;
    fixture.buy_credits(CARD).await;
    fixture.app.control_stripe("faults", json!({"next": 1, "status": "timeout"})).await;
    assert_eq!(fixture.deliver("checkout.session.completed").await, 200);
    assert_eq!(fixture.entries("topup").await, [json!(500)]);
    fixture.app.assert_ledgers_consistent().await;
}

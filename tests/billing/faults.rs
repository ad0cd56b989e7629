//! What follows from Stripe's events when DynamoDB or Stripe fails meanwhile: an error that has the event come
//! again, and then everything once.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{CARD, Fault, FaultProxy, Person, TestApp};

/// More than the SDK's tries: the fault stays.
const FOR_GOOD: usize = 1000;

/// A test app whose database can fail, and where Stripe sends no webhook by itself.
struct FaultFixture {
    engine: FaultProxy,
    app: TestApp,
    ada: Person,
    client: String,
}

impl FaultFixture {
    async fn start() -> Self {
        let engine = FaultProxy::start().await;
        let app = TestApp::start_on(&engine).await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        app.set_webhook_delivery("hold").await;
        Self { engine, app, ada, client }
    }

    /// How the newest event of a kind is answered.
    async fn tell(&self, kind: &str) -> u64 {
        let held = self.app.held_webhooks().await;
        let (event, _) = held.iter().rfind(|(_, held)| held == kind).unwrap();
        let sent = self.app.control_stripe("deliveries/send", json!({"event": event})).await;
        sent["data"][0]["status"].as_u64().unwrap_or_default()
    }

    /// Tells of it while each step fails in turn, then while Stripe does, until it is heard.
    async fn tell_through_faults(&self, fault: Fault, kind: &str) {
        self.app.wait_for_worker().await;
        self.app.control_stripe("faults", json!({"next": 2, "status": 500})).await;
        assert_eq!(self.tell(kind).await, 503, "{kind}: Stripe fails");
        for step in 0.. {
            self.engine.inject(fault, step, FOR_GOOD);
            let status = self.tell(kind).await;
            let has_failed = self.engine.clear_fault();
            self.app.assert_ledgers_consistent().await;
            if status == 200 {
                // As many steps it doesn't have, or whoever has to tell people met the fault.
                assert!(step >= 4, "{kind}: {fault:?} at step {step} is swallowed");
                assert!(!has_failed || step >= 6, "{kind}: {fault:?} at step {step}");
                break;
            }
            assert_eq!(status, 503, "{kind}: {fault:?} at step {step}");
            assert!(step < 40, "{kind} has no end");
            self.app.wait_for_worker().await;
        }
        // And once more, which is nothing.
        assert_eq!(self.tell(kind).await, 200);
        self.app.assert_ledgers_consistent().await;
    }

    async fn entries(&self, kind: &str) -> Vec<Value> {
        let all = self.ada.transactions(&self.client).await;
        let found = all.iter().filter(|entry| entry["type"] == kind);
        found.map(|entry| entry["credits"].clone()).collect()
    }

    async fn stripe(&self, method: Method, path: &str, form: &str) -> Value {
        self.app.call_stripe(method, path, form).await.expect(200).json()
    }

    /// The payment of a visit.
    async fn payment(&self, session: &str) -> String {
        let visit = self.stripe(Method::GET, &format!("checkout/sessions/{session}"), "").await;
        visit["payment_intent"].as_str().unwrap().to_owned()
    }

    async fn bought(&self, card: &str) -> String {
        let session = self.ada.top_up_session(&self.client, 500).await;
        self.app.pay_checkout(&session, card).await.expect(200);
        session
    }
}

const FAULTS: [Fault; 3] = [Fault::Throttled, Fault::Broken, Fault::CutOffBefore];

#[tokio::test]
async fn swallowed_error_what_was_bought_is_entered_once() {
    let fixture = FaultFixture::start().await;
    for (fault, times) in FAULTS.into_iter().zip(1..) {
        fixture.bought(CARD).await;
        fixture.tell_through_faults(fault, "checkout.session.completed").await;
        assert_eq!(fixture.entries("topup").await, vec![json!(500); times]);
    }
}

#[tokio::test]
async fn swallowed_error_a_subscription_begins_once_and_brings_its_quota_once() {
    for fault in FAULTS {
        let fixture = FaultFixture::start().await;
        let FaultFixture { app, ada, client, .. } = &fixture;
        ada.subscribe(app, client, "basic").await;
        fixture.tell_through_faults(fault, "customer.subscription.created").await;
        assert_eq!(ada.subscription(client).await["plan_name"], "basic");
        let started = app.items("ACTIVITY#", "").await;
        let started = started.iter().filter(|row| row.to_string().contains("subscription.started"));
        assert!(started.count() > 0, "it is in the log");
        fixture.tell_through_faults(fault, "invoice.paid").await;
        assert_eq!(fixture.entries("quota_grant").await, [json!(5000), json!(1000)]);
    }
}

#[tokio::test]
async fn swallowed_error_a_refund_is_entered_once() {
    let fixture = FaultFixture::start().await;
    for (fault, times) in FAULTS.into_iter().zip(1..) {
        let session = fixture.bought(CARD).await;
        assert_eq!(fixture.tell("checkout.session.completed").await, 200);
        let form = format!("payment_intent={}", fixture.payment(&session).await);
        fixture.stripe(Method::POST, "refunds", &form).await;
        fixture.tell_through_faults(fault, "charge.refunded").await;
        assert_eq!(fixture.entries("refund").await, vec![json!(-500); times]);
    }
}

/// Told of before the payment: both are entered, and once.
#[tokio::test]
async fn swallowed_error_a_dispute_is_entered_once() {
    let fixture = FaultFixture::start().await;
    for (fault, times) in FAULTS.into_iter().zip(1..) {
        fixture.bought("4000000000000259").await;
        fixture.tell_through_faults(fault, "charge.dispute.created").await;
        assert_eq!(fixture.entries("adjustment").await, vec![json!(-500); times]);
        assert_eq!(fixture.entries("topup").await, vec![json!(500); times]);
    }
}

#[tokio::test]
async fn swallowed_error_a_customer_is_forgotten_once() {
    for fault in FAULTS {
        let fixture = FaultFixture::start().await;
        let FaultFixture { app, ada, client, .. } = &fixture;
        ada.subscribe(app, client, "basic").await;
        assert_eq!(fixture.tell("invoice.paid").await, 200);
        assert_eq!(ada.credits(client).await["balance"], 5000);
        let customer = app.stripe_customer(client).await;
        fixture.stripe(Method::DELETE, &format!("customers/{customer}"), "").await;
        fixture.tell_through_faults(fault, "customer.deleted").await;
        assert_eq!(ada.subscription(client).await["plan_name"], "free");
        assert_eq!(ada.credits(client).await["balance"], 0);
        assert_eq!(fixture.entries("adjustment").await, [json!(-5000), json!(-1000)]);
    }
}

/// Stripe answers nothing: the try after that is answered.
#[tokio::test]
async fn a_slow_answer_of_stripes_is_asked_for_again() {
    let fixture = FaultFixture::start().await;
    fixture.bought(CARD).await;
    fixture.app.control_stripe("faults", json!({"next": 1, "status": "timeout"})).await;
    assert_eq!(fixture.tell("checkout.session.completed").await, 200);
    assert_eq!(fixture.entries("topup").await, [json!(500)]);
    fixture.app.assert_ledgers_consistent().await;
}

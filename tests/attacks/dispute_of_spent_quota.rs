//! A chargeback on a plan whose credits were spent becomes a debt.

use reqwest::Method;
use serde_json::{Value, json};
use tests::billing::{BillingFixture, DISPUTED_CARD, deliver_event};
use tests::{CARD, Visitor};

/// An organization that has spent 4,500 of 5,000 credits of a plan, whose payment is then disputed.
struct DisputedPlan {
    fixture: BillingFixture,
    key: Visitor,
    dispute: String,
}

impl DisputedPlan {
    async fn start() -> Self {
        let fixture = BillingFixture::start().await;
        let BillingFixture { app, ada, client } = &fixture;
        let key = ada.visitor_with_key(app, client).await;
        // Otherwise the free credits would pay a part of the debt.
        key.spend_credits(client, "free", "1000").await.expect(200);
        app.set_webhook_delivery("hold").await;
        let session = ada.checkout(client, "basic").await;
        app.pay_checkout(&session, DISPUTED_CARD).await.expect(200);
        let customer = app.stripe_customer(client).await;
        let first = async |list: &str| -> String {
            let found = fixture.get(list).await;
            found["data"][0]["id"].as_str().unwrap().to_owned()
        };
        let invoice = first(&format!("invoices?customer={customer}")).await;
        deliver_event(app, "evt_paid", "invoice.paid", &invoice).await.unwrap();
        key.spend_credits(client, "run", "4500").await.expect(200);
        let payment = first(&format!("payment_intents?customer={customer}")).await;
        let dispute = first(&format!("disputes?payment_intent={payment}")).await;
        app.set_webhook_delivery("normal").await;
        Self { fixture, key, dispute }
    }

    /// Returns the total balance, the rest of the quota and the top-up credits.
    async fn balances(&self) -> [Value; 3] {
        let credits = self.fixture.ada.credits(&self.fixture.client).await;
        let quota = credits["quota"]["remaining"].clone();
        [credits["balance"].clone(), quota, credits["topup_balance"].clone()]
    }

    async fn close(&self, decision: &str) {
        let path = format!("disputes/{}/close", self.dispute);
        self.fixture.app.control_stripe(&path, json!({"status": decision})).await;
    }
}

#[tokio::test]
async fn dispute_of_spent_quota_is_a_debt_until_it_is_won() {
    for (decision, left) in [("won", 1_500), ("lost", -3_500)] {
        let plan = DisputedPlan::start().await;
        let fixture = &plan.fixture;
        assert_eq!(plan.balances().await, [json!(-4_500), json!(0), json!(-4_500)]);
        assert_eq!(fixture.entries("adjustment").await[0], json!(-5_000));
        let refused = plan.key.spend_credits(&fixture.client, "more", "1").await;
        refused.expect_error(402, "INSUFFICIENT_CREDITS");
        // A top-up pays the debt first.
        fixture.buy_credits(1_000, CARD).await;
        assert_eq!(plan.balances().await, [json!(-3_500), json!(0), json!(-3_500)]);
        let refused = plan.key.spend_credits(&fixture.client, "more", "1").await;
        refused.expect_error(402, "INSUFFICIENT_CREDITS");
        plan.close(decision).await;
        assert_eq!(plan.balances().await, [json!(left), json!(0), json!(left)], "{decision}");
        for again in ["evt_a", "evt_b"] {
            let kind = "charge.dispute.closed";
            deliver_event(&fixture.app, again, kind, &plan.dispute).await.unwrap();
        }
        assert_eq!(plan.balances().await[0], json!(left), "{decision}");
        fixture.app.assert_ledgers_consistent().await;
    }
}

#[tokio::test]
async fn dispute_of_spent_quota_is_paid_by_the_next_quota() {
    let plan = DisputedPlan::start().await;
    let BillingFixture { app, ada, client } = &plan.fixture;
    let customer = app.stripe_customer(client).await;
    let subscriptions = plan.fixture.get(&format!("subscriptions?customer={customer}")).await;
    let subscription = subscriptions["data"][0]["id"].as_str().unwrap();
    plan.fixture
        .change_at_stripe(Method::DELETE, &format!("subscriptions/{subscription}"), "")
        .await;
    assert_eq!(plan.balances().await, [json!(-4_500), json!(0), json!(-4_500)]);
    ada.subscribe(app, client, "basic").await;
    assert_eq!(plan.balances().await, [json!(500), json!(500), json!(0)]);
    plan.key.spend_credits(client, "later", "501").await.expect_error(402, "INSUFFICIENT_CREDITS");
    plan.key.spend_credits(client, "later", "500").await.expect(200);
    app.assert_ledgers_consistent().await;
}

//! Money that goes back, and what goes with it.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{CARD, Person, World};

use crate::billing::events::hear;

/// Pays, and the payment is disputed.
const DISPUTED: &str = "4000000000000259";

pub(crate) const DAY: u64 = 24 * 60 * 60;

pub(crate) struct Setting {
    pub(crate) world: World,
    pub(crate) ada: Person,
    pub(crate) client: String,
}

impl Setting {
    pub(crate) async fn start() -> Self {
        let world = World::start().await;
        let ada = world.person("ada").await;
        let client = ada.default_client().await;
        Self { world, ada, client }
    }

    /// Asks Stripe.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.world.stripe(Method::GET, path, "").await.expect(200).json()
    }

    /// Does something at Stripe, and waits until that has been told.
    pub(crate) async fn act(&self, method: Method, path: &str, form: &str) {
        self.world.stripe(method, path, form).await.expect(200);
        self.world.deliveries("normal").await;
    }

    pub(crate) async fn buy(&self, credits: u32, card: &str) -> String {
        let session = self.ada.top_up_session(&self.client, credits).await;
        self.world.pay(&session, card).await.expect(200);
        session
    }

    pub(crate) async fn payment(&self, session: &str) -> String {
        let visit = self.get(&format!("checkout/sessions/{session}")).await;
        visit["payment_intent"].as_str().unwrap().to_owned()
    }

    async fn refund(&self, payment: &str, rest: &str) {
        self.act(Method::POST, "refunds", &format!("payment_intent={payment}{rest}")).await;
    }

    /// What there is of bought credits.
    async fn bought(&self) -> Value {
        self.ada.credits(&self.client).await["topup_balance"].clone()
    }

    pub(crate) async fn entries(&self, kind: &str) -> Vec<Value> {
        let all = self.ada.transactions(&self.client).await;
        let found = all.iter().filter(|entry| entry["type"] == kind);
        found.map(|entry| entry["credits"].clone()).collect()
    }

    pub(crate) async fn plan(&self) -> (String, String) {
        let view = self.ada.subscription(&self.client).await;
        let text = |name: &str| view[name].as_str().unwrap().to_owned();
        (text("plan_name"), text("status"))
    }
}

#[tokio::test]
async fn bought_credits_go_with_the_money_whole_or_in_parts_and_whether_or_not_they_are_spent() {
    let setting = Setting::start().await;
    let (world, client) = (&setting.world, &setting.client);
    let first = setting.payment(&setting.buy(500, CARD).await).await;
    setting.refund(&first, "").await;
    assert_eq!(setting.bought().await, 0);
    let second = setting.payment(&setting.buy(1000, CARD).await).await;
    setting.refund(&second, "&amount=400").await;
    assert_eq!(setting.bought().await, 600);
    let key = setting.ada.charger(world, client).await;
    key.charge(client, "run", "1500").await.expect(200);
    setting.refund(&second, "&amount=600").await;
    let credits = setting.ada.credits(client).await;
    assert_eq!((&credits["balance"], &credits["topup_balance"]), (&json!(-500), &json!(-500)));
    key.charge(client, "more", "0.000001").await.expect_error(402, "INSUFFICIENT_CREDITS");
    assert_eq!(setting.entries("refund").await, [json!(-600), json!(-400), json!(-500)]);
    // What is bought next pays that back.
    setting.buy(700, CARD).await;
    assert_eq!(setting.bought().await, 200);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_refund_that_is_told_of_before_the_payment_is_the_same() {
    let setting = Setting::start().await;
    setting.world.deliveries("hold").await;
    let session = setting.buy(500, CARD).await;
    let payment = setting.payment(&session).await;
    let form = format!("payment_intent={payment}");
    setting.world.stripe(Method::POST, "refunds", &form).await.expect(200);
    setting.world.deliveries("reverse").await;
    assert_eq!(setting.bought().await, 0);
    assert_eq!(setting.entries("topup").await, [json!(500)]);
    assert_eq!(setting.entries("refund").await, [json!(-500)]);
    setting.world.books_are_right().await;
}

#[tokio::test]
async fn a_quota_goes_with_the_money_as_far_as_it_is_left() {
    let setting = Setting::start().await;
    let Setting { world, ada, client } = &setting;
    ada.subscribe(world, client, "basic").await;
    let key = ada.charger(world, client).await;
    key.charge(client, "run", "4500").await.expect(200);
    let customer = world.customer(client).await;
    let payments = setting.get(&format!("payment_intents?customer={customer}")).await;
    setting.refund(payments["data"][0]["id"].as_str().unwrap(), "").await;
    assert_eq!(setting.entries("refund").await, [json!(-500)]);
    assert_eq!(ada.credits(client).await["balance"], 0);
    // The plan stays until the subscription ends.
    assert_eq!(setting.plan().await.0, "basic");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_dispute_takes_the_credits_until_it_is_won() {
    for (decision, left) in [("won", 500), ("lost", 0)] {
        let setting = Setting::start().await;
        let session = setting.buy(500, DISPUTED).await;
        assert_eq!(setting.entries("topup").await, [json!(500)]);
        assert_eq!(setting.entries("adjustment").await, [json!(-500)]);
        assert_eq!(setting.bought().await, 0);
        let payment = setting.payment(&session).await;
        let disputes = setting.get(&format!("disputes?payment_intent={payment}")).await;
        let dispute = disputes["data"][0]["id"].as_str().unwrap().to_owned();
        setting
            .world
            .at_stripe(&format!("disputes/{dispute}/close"), json!({"status": decision}))
            .await;
        assert_eq!(setting.bought().await, left, "{decision}");
        for again in ["evt_a", "evt_b"] {
            hear(&setting.world, again, "charge.dispute.closed", &dispute).await.unwrap();
        }
        assert_eq!(setting.bought().await, left, "{decision}");
        setting.world.books_are_right().await;
    }
}

#[tokio::test]
async fn a_bank_that_takes_days_brings_credits_when_it_has_paid() {
    for (succeeded, left) in [(true, 500), (false, 0)] {
        let setting = Setting::start().await;
        let session = setting.buy(500, "us_bank_account").await;
        assert_eq!(setting.bought().await, 0);
        setting.world.advance(2 * DAY).await;
        let path = format!("checkout/{session}/settle");
        setting.world.at_stripe(&path, json!({"succeeded": succeeded})).await;
        assert_eq!(setting.bought().await, left);
        setting.world.books_are_right().await;
    }
}

#[tokio::test]
async fn a_page_that_nobody_pays_on_is_forgotten() {
    let setting = Setting::start().await;
    let Setting { world, ada, client } = &setting;
    let session = ada.checkout(client, "basic").await;
    let checkout = async || {
        let rows = world.items(&format!("CLIENT#{client}"), "BILLING").await;
        rows[0]["checkout"]["S"].as_str().map(str::to_owned)
    };
    assert_eq!(checkout().await, Some(session.clone()));
    world.at_stripe(&format!("checkout/{session}/expire"), json!({})).await;
    assert_eq!(checkout().await, None);
    assert_eq!(setting.plan().await, ("free".to_owned(), "none".to_owned()));
    ada.subscribe(world, client, "basic").await;
    assert_eq!(setting.plan().await.0, "basic");
    world.books_are_right().await;
}

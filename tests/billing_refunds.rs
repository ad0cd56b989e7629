//! Money that goes back, and what goes with it; customers and organizations that are gone.

use reqwest::Method;
use serde_json::{Value, json};
use shared::billing::audit::{check, check_payments};
use shared::dynamo::{Condition, Key, Log, Update, keys};
use shared::error::Error;
use tests::{CARD, Person, World};

use crate::billing_events::hear;

/// Pays, and the payment is disputed.
const DISPUTED: &str = "4000000000000259";

const DAY: u64 = 24 * 60 * 60;

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

    async fn buy(&self, credits: u32, card: &str) -> String {
        let session = self.ada.top_up_session(&self.client, credits).await;
        self.world.pay(&session, card).await.expect(200);
        session
    }

    async fn payment(&self, session: &str) -> String {
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

/// Marks an organization as gone, as whoever deletes it does, before its customer is.
async fn is_gone(world: &World, client: &str) {
    let ctx = world.stack().context();
    let gone =
        Update::of(keys::client(&client.parse().unwrap())).set("deleted_at", ctx.now()).unwrap();
    let gone = gone.add("version", 1).only_if(Condition::Exists);
    let mut tx = ctx.table.transaction();
    tx.update(gone, Error::NotFound).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
}

#[tokio::test]
async fn what_an_organization_paid_that_is_gone_goes_back() {
    let setting = Setting::start().await;
    let Setting { world, ada, client } = &setting;
    world.deliveries("hold").await;
    setting.buy(500, CARD).await;
    ada.subscribe(world, client, "basic").await;
    let customer = world.customer(client).await;
    is_gone(world, client).await;
    world.deliveries("normal").await;
    let refunds = setting.get("refunds").await;
    let mut amounts: Vec<_> =
        refunds["data"].as_array().unwrap().iter().map(|refund| refund["amount"].clone()).collect();
    amounts.sort_by_key(Value::as_i64);
    assert_eq!(amounts.len(), 2, "{refunds}");
    assert_eq!(amounts[0], 500);
    let path = format!("subscriptions?customer={customer}&status=all");
    assert_eq!(setting.get(&path).await["data"][0]["status"], "canceled");
    let entries = world.items(&format!("LEDGER#{client}"), "ENTRY#").await;
    assert_eq!(entries.len(), 1, "nothing but the free credits");
    world.books_are_right().await;
}

/// A second subscription of the client's customer, which nobody has told of; its id.
async fn second(setting: &Setting) -> String {
    let customer = setting.world.customer(&setting.client).await;
    let form = format!(
        "mode=subscription&customer={customer}&success_url=https://app.example&line_items[0][quantity]=1\
         &line_items[0][price]=price_pro_monthly"
    );
    let made = setting.world.stripe(Method::POST, "checkout/sessions", &form).await.expect(200);
    let session = made.json()["id"].as_str().unwrap().to_owned();
    setting.world.pay(&session, CARD).await.expect(200);
    let visit = setting.get(&format!("checkout/sessions/{session}")).await;
    visit["subscription"].as_str().unwrap().to_owned()
}

async fn one_stays(setting: &Setting, other: &str) {
    assert_eq!(setting.plan().await, ("basic".to_owned(), "active".to_owned()));
    let refunds = setting.get("refunds").await;
    assert_eq!(refunds["data"].as_array().unwrap().len(), 1, "{refunds}");
    assert_eq!(setting.get(&format!("subscriptions/{other}")).await["status"], "canceled");
    assert_eq!(setting.ada.credits(&setting.client).await["balance"], 5000);
    assert_eq!(setting.entries("quota_grant").await, [json!(5000), json!(1000)]);
    setting.world.books_are_right().await;
}

#[tokio::test]
async fn of_two_subscriptions_one_stays_and_the_other_is_paid_back() {
    let setting = Setting::start().await;
    setting.ada.subscribe(&setting.world, &setting.client, "basic").await;
    setting.world.deliveries("duplicate").await;
    let other = second(&setting).await;
    one_stays(&setting, &other).await;
}

/// Stripe fails at each call of that in turn: nobody pays for what was ended.
#[tokio::test]
async fn a_failure_does_not_keep_the_money_of_the_other() {
    // Of the calls, so many are let through.
    for through in 0..8 {
        let setting = Setting::start().await;
        setting.ada.subscribe(&setting.world, &setting.client, "basic").await;
        setting.world.deliveries("hold").await;
        let other = second(&setting).await;
        let fault = json!({"next": 2, "status": 500, "skip": through});
        setting.world.at_stripe("faults", fault).await;
        let kind = "customer.subscription.created";
        let heard = hear(&setting.world, "evt_first", kind, &other).await;
        assert!(heard.is_err() || through >= 5, "the fault after {through} calls is swallowed");
        setting.world.at_stripe("faults", json!({"next": 0, "status": 500})).await;
        setting.world.deliveries("normal").await;
        one_stays(&setting, &other).await;
    }
}

#[tokio::test]
async fn an_organization_that_is_deleted_ends_at_stripe_and_its_ledger_stays() {
    let setting = Setting::start().await;
    let Setting { world, ada, client } = &setting;
    ada.subscribe(world, client, "basic").await;
    setting.buy(500, CARD).await;
    let customer = world.customer(client).await;
    let before = world.items(&format!("LEDGER#{client}"), "ENTRY#").await.len();
    // With the account's erasure goes the organization that came with it.
    crate::deletion::delete(ada).await;
    assert_eq!(setting.get(&format!("customers/{customer}")).await["id"], json!(customer));
    world.advance(31 * DAY).await;
    world.settled().await;
    world.deliveries("normal").await;
    assert_eq!(setting.get(&format!("customers/{customer}")).await["deleted"], true);
    let path = format!("subscriptions?customer={customer}&status=all");
    assert_eq!(setting.get(&path).await["data"][0]["status"], "canceled");
    assert!(world.items(&format!("LEDGER#{client}"), "ENTRY#").await.len() >= before);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_customer_that_is_deleted_is_on_the_free_plan_and_can_subscribe_again() {
    let setting = Setting::start().await;
    let Setting { world, ada, client } = &setting;
    ada.subscribe(world, client, "basic").await;
    let first = world.customer(client).await;
    setting.act(Method::DELETE, &format!("customers/{first}"), "").await;
    assert_eq!(setting.plan().await, ("free".to_owned(), "canceled".to_owned()));
    assert_eq!(ada.credits(client).await["balance"], 0);
    ada.subscribe(world, client, "pro").await;
    assert_ne!(world.customer(client).await, first);
    assert_eq!(setting.plan().await, ("pro".to_owned(), "active".to_owned()));
    assert_eq!(ada.credits(client).await["balance"], 20_000);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_not_ours_is_nothing() {
    let setting = Setting::start().await;
    let world = &setting.world;
    let made = world.stripe(Method::POST, "customers", "email=x@example.com").await.expect(200);
    let stranger = made.json()["id"].as_str().unwrap().to_owned();
    world.deliveries("normal").await;
    let before = world.items("", "").await.len();
    setting.act(Method::DELETE, &format!("customers/{stranger}"), "").await;
    for (event, kind, object) in [
        ("evt_1", "customer.deleted", "cus_unknown"),
        ("evt_2", "invoice.paid", "in_unknown"),
        ("evt_3", "charge.refunded", "ch_unknown"),
        ("evt_4", "charge.dispute.created", "du_unknown"),
        ("evt_5", "checkout.session.completed", "cs_unknown"),
        ("evt_6", "customer.subscription.updated", "sub_unknown"),
        ("evt_7", "payment_method.detached", "pm_unknown"),
        ("evt_8", "invoice.paid", "no id"),
        ("evt_9", "a.new.kind", "in_unknown"),
    ] {
        hear(world, event, kind, object).await.unwrap();
    }
    // Each that is listened for is known to have been heard: the stranger's, and eight of these.
    assert_eq!(world.items("", "").await.len() - before, 9);
    world.books_are_right().await;
}

#[tokio::test]
async fn the_books_hear_what_nobody_told() {
    let setting = Setting::start().await;
    let Setting { world, ada, client } = &setting;
    world.deliveries("hold").await;
    ada.subscribe(world, client, "basic").await;
    setting.buy(500, CARD).await;
    assert_eq!(ada.credits(client).await["balance"], 1000);
    world.advance(DAY + 1).await;
    assert_eq!(setting.plan().await.0, "basic");
    assert_eq!(ada.credits(client).await["balance"], 5500);
    world.books_are_right().await;
}

#[tokio::test]
async fn the_books_say_what_is_wrong_with_a_ledger_or_a_payment() {
    let setting = Setting::start().await;
    let Setting { world, client, .. } = &setting;
    let payment = setting.payment(&setting.buy(500, CARD).await).await;
    world.advance(2 * 60 * 60).await;
    let (ctx, stripe) = (world.stack().context(), &world.stack().ways().stripe);
    let id = client.parse().unwrap();
    assert_eq!(check_payments(ctx, stripe).await.unwrap(), 0);
    let change = async |update: Update| {
        let mut tx = ctx.table.transaction();
        tx.update(update.only_if(Condition::Exists), Error::NotFound).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    };
    let amount = |by| Update::of(keys::stripe(&payment)).add("amount", by);
    change(amount(1)).await;
    assert_eq!(check_payments(ctx, stripe).await.unwrap(), 1);
    change(amount(-1)).await;
    assert_eq!(check_payments(ctx, stripe).await.unwrap(), 0);
    let entry = |by| {
        let key: Key = keys::ledger_entry(&id, 2);
        Update::of(key).add("topups_micros", by)
    };
    change(entry(1)).await;
    assert!(!check(ctx, &id).await.unwrap());
    change(entry(-1)).await;
    let balance = |by| Update::of(keys::balance(&id)).add("topups_micros", by);
    change(balance(1)).await;
    assert!(!check(ctx, &id).await.unwrap());
    change(balance(-1)).await;
    assert!(check(ctx, &id).await.unwrap());
    world.books_are_right().await;
}

//! Periods of a subscription: each brings its quota once, whoever tells of it.

use local::Options;
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use tests::{CARD, Engine, Person, Visitor, World, price};

const HOUR: i64 = 60 * 60;

/// Noon of the 31st of January 2027.
const BEGIN: i64 = 1_801_396_800;

/// When its periods end: the 28th of February, the 31st of March and the 30th of April.
const ENDS: [i64; 3] = [1_803_816_000, 1_806_494_400, 1_809_086_400];

struct Setting {
    world: World,
    ada: Person,
    client: String,
    key: Visitor,
}

impl Setting {
    /// Somebody who pays for the plan, with that card.
    async fn start(card: &str) -> Self {
        let engine = Engine::start().await;
        // The books are kept an hour before the periods end, day for day.
        let start_at = Some(Timestamp::from_seconds(BEGIN - HOUR));
        let options = Options { start_at, ..Options::default() };
        let world = World::start_from_on(options, &engine).await;
        world.advance(HOUR as u64).await;
        let ada = world.person("ada").await;
        let client = ada.default_client().await;
        let key = ada.charger(&world, &client).await;
        let session = ada.checkout(&client, "basic").await;
        world.pay(&session, card).await.expect(200);
        Self { world, ada, client, key }
    }

    async fn advance_to(&self, moment: i64) {
        let seconds = moment - self.world.now().await;
        self.world.advance(u64::try_from(seconds).unwrap()).await;
    }

    /// When the session is over that somebody has, they sign in again.
    async fn sign_in(&mut self) {
        let visitor = self.world.visitor();
        let reply = visitor.post("/v1/login", self.ada.credentials()).await.expect(200);
        self.ada = Person::from_session(&visitor, &self.ada.email, &reply);
    }

    async fn credits(&self) -> Value {
        self.ada.credits(&self.client).await
    }

    async fn subscription(&self) -> Value {
        self.ada.subscription(&self.client).await
    }

    /// What was granted, the newest first.
    async fn grants(&self) -> Vec<Value> {
        let all = self.ada.transactions(&self.client).await;
        let grants = all.iter().filter(|entry| entry["type"] == "quota_grant");
        grants.map(|entry| entry["credits"].clone()).collect()
    }

    /// The subscription, as Stripe has it.
    async fn at_stripe(&self) -> Value {
        let path = format!("subscriptions?customer={}", self.world.customer(&self.client).await);
        let all = self.world.stripe(Method::GET, &path, "").await.expect(200).json();
        all["data"][0].clone()
    }

    async fn change(&self, form: &str) {
        let id = self.at_stripe().await["id"].as_str().unwrap().to_owned();
        let path = format!("subscriptions/{id}");
        self.world.stripe(Method::POST, &path, form).await.expect(200);
        // Answered when it has been told.
        self.world.deliveries("normal").await;
    }
}

/// Somebody else in the same world who pays for the same.
async fn beside(setting: &Setting, who: &str) -> (Person, String, Visitor) {
    let world = &setting.world;
    let person = world.person(who).await;
    let client = person.default_client().await;
    let key = person.charger(world, &client).await;
    person.subscribe(world, &client, "basic").await;
    (person, client, key)
}

#[tokio::test]
async fn quota_reset_each_month_brings_one_quota_that_stripe_tells_of() {
    let mut setting = Setting::start(CARD).await;
    setting.ada.buy(&setting.world, &setting.client, 600).await;
    setting.key.charge(&setting.client, "first", "1500.5").await.expect(200);
    for (end, number) in ENDS.into_iter().zip(1..) {
        assert_eq!(setting.credits().await["quota"]["resets_at"], end);
        assert_eq!(setting.subscription().await["current_period_end"], end);
        // Until it is paid, an hour later, what was left counts on.
        setting.advance_to(end + 60).await;
        setting.sign_in().await;
        assert_eq!(setting.credits().await["quota"]["remaining"], json!(3499.5));
        assert_eq!(setting.grants().await.len(), 1 + number);
        setting.advance_to(end + HOUR + 1).await;
        // Nothing carries over of the quota, and all of what was bought.
        let credits = setting.credits().await;
        assert_eq!((&credits["balance"], &credits["topup_balance"]), (&json!(5600), &json!(600)));
        assert_eq!(setting.grants().await.len(), 2 + number);
        setting.key.charge(&setting.client, &format!("{number}"), "1500.5").await.expect(200);
    }
    setting.world.books_are_right().await;
}

/// Nothing that Stripe tells arrives. Ada charges first, Bob looks first, and Cy leaves it to the books, which
/// are kept once a day.
#[tokio::test]
async fn quota_reset_each_month_brings_one_quota_though_stripe_is_not_heard() {
    let mut ada = Setting::start(CARD).await;
    let (mut bob, bobs, bobs_key) = beside(&ada, "bob").await;
    let (_, cys, _) = beside(&ada, "cy").await;
    ada.ada.buy(&ada.world, &ada.client, 600).await;
    ada.world.deliveries("hold").await;
    let quota = async |world: &World, client: &str| -> (usize, i64) {
        let pk = format!("LEDGER#{client}");
        let grants = world.items(&pk, "ENTRY#").await;
        let of_period = |row: &&Value| row["cause"]["S"].as_str().unwrap().starts_with("period#");
        let balance = world.items(&pk, "BALANCE").await;
        let left = balance[0]["quota_micros"]["N"].as_str().unwrap().parse().unwrap();
        (grants.iter().filter(of_period).count(), left)
    };
    for (end, number) in ENDS.into_iter().zip(1..) {
        ada.advance_to(end + HOUR + 1).await;
        let name = format!("run-{number}");
        ada.key.charge(&ada.client, &name, "5100").await.expect(200);
        let reply = ada.world.visitor();
        let signed_in = reply.post("/v1/login", bob.credentials()).await.expect(200);
        bob = Person::from_session(&reply, &bob.email, &signed_in);
        let credits = bob.credits(&bobs).await;
        assert_eq!(credits["quota"]["remaining"], 5000, "the {number}th");
        assert!(credits["quota"]["resets_at"].as_i64().unwrap() > end);
        bobs_key.charge(&bobs, &name, "4000").await.expect(200);
        assert_eq!(quota(&ada.world, &ada.client).await, (1 + number, 0));
        assert_eq!(quota(&ada.world, &bobs).await, (1 + number, 1_000_000_000));
        assert_eq!(quota(&ada.world, &cys).await, (number, 5_000_000_000));
        ada.advance_to(end + 24 * HOUR).await;
        assert_eq!(quota(&ada.world, &ada.client).await, (1 + number, 0));
        assert_eq!(quota(&ada.world, &bobs).await, (1 + number, 1_000_000_000));
        assert_eq!(quota(&ada.world, &cys).await, (1 + number, 5_000_000_000));
    }
    // What Stripe told arrives after all.
    ada.world.deliveries("normal").await;
    for client in [&ada.client, &bobs, &cys] {
        assert_eq!(quota(&ada.world, client).await.0, 1 + ENDS.len());
    }
    ada.sign_in().await;
    assert_eq!(ada.credits().await["topup_balance"], 300);
    ada.world.books_are_right().await;
}

#[tokio::test]
async fn quota_reset_another_plan_counts_at_once_and_brings_its_quota_with_the_next_period() {
    let mut setting = Setting::start(CARD).await;
    setting.key.charge(&setting.client, "run", "1000").await.expect(200);
    setting.advance_to(BEGIN + 10 * 24 * HOUR).await;
    setting.sign_in().await;
    let item = setting.at_stripe().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let form = format!(
        "items[0][id]={item}&items[0][price]={}&proration_behavior=always_invoice",
        price("pro")
    );
    setting.change(&form).await;
    let pro = setting.subscription().await;
    assert_eq!((&pro["plan_name"], &pro["status"]), (&json!("pro"), &json!("active")));
    assert_eq!(pro["monthly_quota_credits"], 20_000);
    let path = format!("/v1/clients/{}/usage", setting.client);
    let usage = setting.ada.get(&path).await.expect(200).json();
    assert_eq!(usage["metrics"][2]["limit"], 20_000);
    // The invoice for what is left of the period grants nothing.
    assert_eq!(setting.grants().await, [json!(5000), json!(1000)]);
    assert_eq!(setting.credits().await["quota"]["remaining"], 4000);
    setting.advance_to(ENDS[0] + HOUR + 1).await;
    setting.sign_in().await;
    assert_eq!(setting.grants().await, [json!(20_000), json!(5000), json!(1000)]);
    assert_eq!(setting.credits().await["quota"]["remaining"], 20_000);
    setting.world.books_are_right().await;
}

#[tokio::test]
async fn who_cancels_keeps_the_plan_to_the_end_of_the_period() {
    let mut setting = Setting::start(CARD).await;
    setting.ada.buy(&setting.world, &setting.client, 500).await;
    setting.change("cancel_at_period_end=true").await;
    let ending = setting.subscription().await;
    assert_eq!((&ending["plan_name"], &ending["status"]), (&json!("basic"), &json!("active")));
    assert_eq!(ending["cancel_at_period_end"], true);
    setting.advance_to(ENDS[0] - 1).await;
    setting.sign_in().await;
    assert_eq!(setting.subscription().await["plan_name"], "basic");
    setting.key.charge(&setting.client, "last", "1").await.expect(200);
    // Whoever looks has Stripe asked, if that hasn't told.
    setting.world.deliveries("hold").await;
    setting.advance_to(ENDS[0]).await;
    assert_eq!(setting.credits().await["plan_name"], "free");
    setting.world.deliveries("normal").await;
    let over = setting.subscription().await;
    assert_eq!((&over["plan_name"], &over["status"]), (&json!("free"), &json!("canceled")));
    // What was bought stays, what came with the plan doesn't.
    let credits = setting.credits().await;
    assert_eq!((&credits["balance"], &credits["quota"]["remaining"]), (&json!(500), &json!(0)));
    setting.advance_to(ENDS[1] + 2 * HOUR).await;
    setting.sign_in().await;
    assert_eq!(setting.grants().await, [json!(5000), json!(1000)]);
    setting.world.books_are_right().await;
}

#[tokio::test]
async fn an_agreed_quota_is_one_of_a_plan_that_is_agreed_on() {
    let setting = Setting::start(CARD).await;
    let change = async |plan: &str| {
        let item = setting.at_stripe().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
        let price = price(plan);
        let form = format!(
            "items[0][id]={item}&items[0][price]={price}&proration_behavior=none&metadata[monthly_credits]=90000"
        );
        setting.change(&form).await;
        setting.subscription().await["monthly_quota_credits"].clone()
    };
    assert_eq!(change("enterprise").await, 90_000);
    assert_eq!(change("pro").await, 20_000);
    assert_eq!(change("basic").await, 5_000);
    // None of these brought credits in the middle of a period.
    assert_eq!(setting.grants().await, [json!(5000), json!(1000)]);
}

/// Pays now, and no renewal.
const NO_RENEWAL: &str = "4000000000000341";

#[tokio::test]
async fn who_does_not_pay_keeps_the_plan_while_stripe_tries_and_loses_nothing_afterwards() {
    let mut setting = Setting::start(NO_RENEWAL).await;
    let project = setting.ada.create_project(&setting.client, "Engines").await;
    setting.key.charge(&setting.client, "run", "4000").await.expect(200);
    setting.advance_to(ENDS[0] + HOUR + 1).await;
    setting.sign_in().await;
    let late = setting.subscription().await;
    assert_eq!((&late["plan_name"], &late["status"]), (&json!("basic"), &json!("past_due")));
    assert_eq!(setting.grants().await, [json!(5000), json!(1000)]);
    // What was left counts on.
    setting.key.charge(&setting.client, "rest", "1000").await.expect(200);
    let more = setting.key.charge(&setting.client, "more", "1").await;
    more.expect_error(402, "INSUFFICIENT_CREDITS");
    setting.advance_to(ENDS[0] + 20 * 24 * HOUR).await;
    setting.sign_in().await;
    let over = setting.subscription().await;
    assert_eq!((&over["plan_name"], &over["status"]), (&json!("free"), &json!("canceled")));
    assert_eq!(setting.credits().await["balance"], 0);
    let mails = setting.world.mails(&setting.ada.email).await;
    let failed = |mail: &&Value| mail["subject"].as_str().unwrap().starts_with("Payment failed");
    let says: Vec<_> = mails
        .iter()
        .filter(failed)
        .map(|mail| mail["text"].as_str().unwrap().contains("the plan ends"))
        .collect();
    // The newest first.
    assert!(says.len() > 1 && says[0] && !says[1..].contains(&true), "{says:?}");
    let projects = setting.ada.get(&format!("/v1/projects?org_id={}", setting.client)).await;
    assert!(projects.expect(200).text.contains(&project), "the project stays");
    assert_eq!(setting.grants().await, [json!(5000), json!(1000)]);
    setting.world.books_are_right().await;
}

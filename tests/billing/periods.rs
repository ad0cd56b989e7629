//! Subscription periods: each grants its quota once, by a webhook, a request or the reconciliation.

use local::StackOptions;
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use tests::{CARD, FaultProxy, Person, TestApp, Visitor, price};

const HOUR: i64 = 60 * 60;

/// Noon on January 31, 2027.
const BEGIN: i64 = 1_801_396_800;

/// The ends of the first three periods: February 28, March 31 and April 30.
const ENDS: [i64; 3] = [1_803_816_000, 1_806_494_400, 1_809_086_400];

/// An organization on the basic plan, in a stack whose clock starts at `BEGIN`.
struct PeriodFixture {
    app: TestApp,
    ada: Person,
    client: String,
    key: Visitor,
}

impl PeriodFixture {
    /// Starts a stack whose user pays for the basic plan with a card.
    async fn start(card: &str) -> Self {
        let engine = FaultProxy::start().await;
        // The daily reconciliation then runs an hour before each period ends.
        let start_at = Some(Timestamp::from_seconds(BEGIN - HOUR));
        let options = StackOptions { start_at, ..StackOptions::default() };
        let app = TestApp::start_with_options_on(options, &engine).await;
        app.advance_clock(HOUR as u64).await;
        let ada = app.sign_up("ada").await;
        let client = ada.default_client().await;
        let key = ada.visitor_with_key(&app, &client).await;
        // Otherwise the free credits would stay as top-up credits.
        key.spend_credits(&client, "free", "1000").await.expect(200);
        let session = ada.checkout(&client, "basic").await;
        app.pay_checkout(&session, card).await.expect(200);
        Self { app, ada, client, key }
    }

    /// Advances the clock to a time in Unix seconds. The schedules run on the last two days of the way.
    async fn advance_to(&self, moment: i64) {
        let seconds = moment - self.app.now().await;
        self.app.advance_clock_with_last_runs(u64::try_from(seconds).unwrap()).await;
    }

    /// Signs in again, because the session has expired.
    async fn sign_in(&mut self) {
        let visitor = self.app.visitor();
        let reply = visitor.post("/v1/login", self.ada.credentials()).await.expect(200);
        self.ada = Person::from_session(&visitor, &self.ada.email, &reply);
    }

    /// Reads the credits.
    async fn credits(&self) -> Value {
        self.ada.credits(&self.client).await
    }

    /// Reads the subscription.
    async fn subscription(&self) -> Value {
        self.ada.subscription(&self.client).await
    }

    /// Lists the granted credits, the newest first.
    async fn grants(&self) -> Vec<Value> {
        let all = self.ada.transactions(&self.client).await;
        let grants = all.iter().filter(|entry| entry["type"] == "quota_grant");
        grants.map(|entry| entry["credits"].clone()).collect()
    }

    /// Reads the subscription at Stripe.
    async fn read_at_stripe(&self) -> Value {
        let path =
            format!("subscriptions?customer={}", self.app.stripe_customer(&self.client).await);
        let all = self.app.call_stripe(Method::GET, &path, "").await.expect(200).json();
        all["data"][0].clone()
    }

    /// Changes the subscription at Stripe and delivers the events.
    async fn change_subscription(&self, form: &str) {
        let id = self.read_at_stripe().await["id"].as_str().unwrap().to_owned();
        let path = format!("subscriptions/{id}");
        self.app.call_stripe(Method::POST, &path, form).await.expect(200);
        // Returns after the events have been delivered.
        self.app.set_webhook_delivery("normal").await;
    }
}

/// Adds a second organization with the same plan to the same app.
async fn add_subscriber(fixture: &PeriodFixture, who: &str) -> (Person, String, Visitor) {
    let app = &fixture.app;
    let person = app.sign_up(who).await;
    let client = person.default_client().await;
    let key = person.visitor_with_key(app, &client).await;
    person.subscribe(app, &client, "basic").await;
    (person, client, key)
}

#[tokio::test]
async fn quota_reset_each_period_grants_once() {
    let mut fixture = PeriodFixture::start(CARD).await;
    fixture.ada.buy_credits(&fixture.app, &fixture.client, 600).await;
    fixture.key.spend_credits(&fixture.client, "first", "1500.5").await.expect(200);
    for (end, number) in ENDS.into_iter().zip(1..) {
        assert_eq!(fixture.credits().await["quota"]["resets_at"], end);
        assert_eq!(fixture.subscription().await["current_period_end"], end);
        // Until the renewal is paid an hour later, the previous quota remains usable.
        fixture.advance_to(end + 60).await;
        fixture.sign_in().await;
        assert_eq!(fixture.credits().await["quota"]["remaining"], json!(3499.5));
        assert_eq!(fixture.grants().await.len(), 1 + number);
        fixture.advance_to(end + HOUR + 1).await;
        // The rest of the quota expires and bought credits stay.
        let credits = fixture.credits().await;
        assert_eq!((&credits["balance"], &credits["topup_balance"]), (&json!(5600), &json!(600)));
        assert_eq!(fixture.grants().await.len(), 2 + number);
        fixture
            .key
            .spend_credits(&fixture.client, &format!("{number}"), "1500.5")
            .await
            .expect(200);
    }
    fixture.app.assert_ledgers_consistent().await;
}

/// No event of Stripe arrives. A charge renews Ada's quota, a read renews Bob's, and the daily
/// reconciliation renews Cy's.
#[tokio::test]
async fn quota_reset_each_period_grants_once_without_webhooks() {
    let mut ada = PeriodFixture::start(CARD).await;
    let (mut bob, bobs_client, bobs_key) = add_subscriber(&ada, "bob").await;
    let (_, cys_client, _) = add_subscriber(&ada, "cy").await;
    ada.ada.buy_credits(&ada.app, &ada.client, 600).await;
    ada.app.set_webhook_delivery("hold").await;
    let quota = async |app: &TestApp, client: &str| -> (usize, i64) {
        let pk = format!("LEDGER#{client}");
        let grants = app.items(&pk, "ENTRY#").await;
        let of_period = |row: &&Value| row["cause"]["S"].as_str().unwrap().starts_with("period#");
        let balance = app.items(&pk, "BALANCE").await;
        let left = balance[0]["quota_micros"]["N"].as_str().unwrap().parse().unwrap();
        (grants.iter().filter(of_period).count(), left)
    };
    for (end, number) in ENDS.into_iter().zip(1..) {
        ada.advance_to(end + HOUR + 1).await;
        let name = format!("run-{number}");
        ada.key.spend_credits(&ada.client, &name, "5100").await.expect(200);
        let visitor = ada.app.visitor();
        let signed_in = visitor.post("/v1/login", bob.credentials()).await.expect(200);
        bob = Person::from_session(&visitor, &bob.email, &signed_in);
        let credits = bob.credits(&bobs_client).await;
        assert_eq!(credits["quota"]["remaining"], 5000, "the {number}th");
        assert!(credits["quota"]["resets_at"].as_i64().unwrap() > end);
        bobs_key.spend_credits(&bobs_client, &name, "4000").await.expect(200);
        assert_eq!(quota(&ada.app, &ada.client).await, (1 + number, 0));
        assert_eq!(quota(&ada.app, &bobs_client).await, (1 + number, 1_000_000_000));
        assert_eq!(quota(&ada.app, &cys_client).await, (number, 5_000_000_000));
        ada.advance_to(end + 24 * HOUR).await;
        assert_eq!(quota(&ada.app, &ada.client).await, (1 + number, 0));
        assert_eq!(quota(&ada.app, &bobs_client).await, (1 + number, 1_000_000_000));
        assert_eq!(quota(&ada.app, &cys_client).await, (1 + number, 5_000_000_000));
    }
    // The held events arrive late.
    ada.app.set_webhook_delivery("normal").await;
    for client in [&ada.client, &bobs_client, &cys_client] {
        assert_eq!(quota(&ada.app, client).await.0, 1 + ENDS.len());
    }
    ada.sign_in().await;
    assert_eq!(ada.credits().await["topup_balance"], 300);
    ada.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn quota_reset_a_plan_change_grants_in_the_next_period() {
    let mut fixture = PeriodFixture::start(CARD).await;
    fixture.key.spend_credits(&fixture.client, "run", "1000").await.expect(200);
    fixture.advance_to(BEGIN + 10 * 24 * HOUR).await;
    fixture.sign_in().await;
    let item =
        fixture.read_at_stripe().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let form = format!(
        "items[0][id]={item}&items[0][price]={}&proration_behavior=always_invoice",
        price("pro")
    );
    fixture.change_subscription(&form).await;
    let pro = fixture.subscription().await;
    assert_eq!((&pro["plan_name"], &pro["status"]), (&json!("pro"), &json!("active")));
    assert_eq!(pro["monthly_quota_credits"], 14_642.75);
    let path = format!("/v1/clients/{}/usage", fixture.client);
    let usage = fixture.ada.get(&path).await.expect(200).json();
    assert_eq!(usage["metrics"][2]["limit"], 14_642.75);
    // The prorated invoice grants the difference for 18 of 28 days.
    assert_eq!(fixture.grants().await, [json!(9_642.75), json!(5000), json!(1000)]);
    assert_eq!(fixture.credits().await["quota"]["remaining"], 13_642.75);
    fixture.advance_to(ENDS[0] + HOUR + 1).await;
    fixture.sign_in().await;
    assert_eq!(fixture.grants().await, [json!(20_000), json!(9_642.75), json!(5000), json!(1000)]);
    assert_eq!(fixture.credits().await["quota"]["remaining"], 20_000);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_canceled_plan_lasts_until_the_period_ends() {
    let mut fixture = PeriodFixture::start(CARD).await;
    fixture.ada.buy_credits(&fixture.app, &fixture.client, 500).await;
    fixture.change_subscription("cancel_at_period_end=true").await;
    let ending = fixture.subscription().await;
    assert_eq!((&ending["plan_name"], &ending["status"]), (&json!("basic"), &json!("active")));
    assert_eq!(ending["cancel_at_period_end"], true);
    fixture.advance_to(ENDS[0] - 1).await;
    fixture.sign_in().await;
    assert_eq!(fixture.subscription().await["plan_name"], "basic");
    fixture.key.spend_credits(&fixture.client, "last", "1").await.expect(200);
    // Reading the credits after the period asks Stripe, because no event has arrived.
    fixture.app.set_webhook_delivery("hold").await;
    fixture.advance_to(ENDS[0]).await;
    assert_eq!(fixture.credits().await["plan_name"], "free");
    fixture.app.set_webhook_delivery("normal").await;
    let over = fixture.subscription().await;
    assert_eq!((&over["plan_name"], &over["status"]), (&json!("free"), &json!("canceled")));
    // Bought credits stay and the plan's credits expire.
    let credits = fixture.credits().await;
    assert_eq!((&credits["balance"], &credits["quota"]["remaining"]), (&json!(500), &json!(0)));
    fixture.advance_to(ENDS[1] + 2 * HOUR).await;
    fixture.sign_in().await;
    assert_eq!(fixture.grants().await, [json!(5000), json!(1000)]);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn only_the_enterprise_plan_has_an_individual_quota() {
    let fixture = PeriodFixture::start(CARD).await;
    let change = async |plan: &str| {
        let item =
            fixture.read_at_stripe().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
        let price = price(plan);
        let form = format!(
            "items[0][id]={item}&items[0][price]={price}&proration_behavior=none&metadata[monthly_credits]=90000"
        );
        fixture.change_subscription(&form).await;
        assert_eq!(fixture.subscription().await["plan_name"], plan);
        let rows = fixture.app.items(&format!("CLIENT#{}", fixture.client), "BILLING").await;
        rows[0]["subscription"]["M"]["quota"]["N"].as_str().unwrap().to_owned()
    };
    assert_eq!(change("enterprise").await, "90000");
    assert_eq!(change("pro").await, "20000");
    assert_eq!(change("basic").await, "5000");
    // None of these changes grants credits in the middle of a period.
    assert_eq!(fixture.grants().await, [json!(5000), json!(1000)]);
    assert_eq!(fixture.subscription().await["monthly_quota_credits"], 5000);
}

/// A card that pays once and declines each renewal.
const NO_RENEWAL: &str = "4000000000000341";

#[tokio::test]
async fn an_unpaid_plan_lasts_while_stripe_retries() {
    let mut fixture = PeriodFixture::start(NO_RENEWAL).await;
    let project = fixture.ada.create_project(&fixture.client, "Engines").await;
    fixture.key.spend_credits(&fixture.client, "run", "4000").await.expect(200);
    fixture.advance_to(ENDS[0] + HOUR + 1).await;
    fixture.sign_in().await;
    let late = fixture.subscription().await;
    assert_eq!((&late["plan_name"], &late["status"]), (&json!("basic"), &json!("past_due")));
    assert_eq!(fixture.grants().await, [json!(5000), json!(1000)]);
    // The previous quota remains usable.
    fixture.key.spend_credits(&fixture.client, "rest", "1000").await.expect(200);
    let more = fixture.key.spend_credits(&fixture.client, "more", "1").await;
    more.expect_error(402, "INSUFFICIENT_CREDITS");
    // With each run of the schedules, so that the mail about each attempt is sent at its time.
    let rest = ENDS[0] + 20 * 24 * HOUR - fixture.app.now().await;
    fixture.app.advance_clock(u64::try_from(rest).unwrap()).await;
    fixture.sign_in().await;
    let over = fixture.subscription().await;
    assert_eq!((&over["plan_name"], &over["status"]), (&json!("free"), &json!("canceled")));
    assert_eq!(fixture.credits().await["balance"], 0);
    let mails = fixture.app.mails(&fixture.ada.email).await;
    let failed = |mail: &&Value| mail["subject"].as_str().unwrap().starts_with("Payment failed");
    let announces_end: Vec<_> = mails
        .iter()
        .filter(failed)
        .map(|mail| mail["text"].as_str().unwrap().contains("the plan ends"))
        .collect();
    // Mails are listed with the newest first.
    assert!(
        announces_end.len() > 1 && announces_end[0] && !announces_end[1..].contains(&true),
        "{announces_end:?}"
    );
    let projects = fixture.ada.get(&format!("/v1/projects?org_id={}", fixture.client)).await;
    assert!(projects.expect(200).text.contains(&project), "the project stays");
    assert_eq!(fixture.grants().await, [json!(5000), json!(1000)]);
    fixture.app.assert_ledgers_consistent().await;
}

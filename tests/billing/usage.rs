use serde_json::{Value, json};
use shared::activity::Log;
use shared::billing::period_usage::PeriodUsage;
use shared::billing::quota::UsagePeriod;
use shared::billing::stripe_account::StripeAccount;
use shared::clock::Timestamp;
use shared::credits::Credits;
use shared::dynamo::{AttemptError, Condition, Update};
use shared::ids::OrganizationId;
use shared::keys;
use shared::organizations::Role;
use tests::billing::BillingFixture;
use tests::{TestApp, keys as fields};

/// Adds used credits and runs, as debits and runs do.
async fn add_usage(app: &TestApp, client: &str, credits: &str, runs: u32) {
    let ctx = app.stack().context();
    let client: OrganizationId = client.parse().unwrap();
    let used = Credits::parse(credits).unwrap();
    let period = UsagePeriod::current(&StripeAccount::new(&client), ctx.now());
    let day = ctx.now().day();
    let spent = PeriodUsage::count_spent(&client, &period.name, &day, used).unwrap();
    let runs = (0..runs).map(|_| PeriodUsage::count_run(&client, &period.name).unwrap());
    for count in spent.into_iter().chain(runs) {
        let mut tx = ctx.table.transaction();
        tx.update(count, AttemptError::Conflict).unwrap();
        tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
    }
}

/// Lists metrics as `name used/limit percent`, with the numbers as in the response.
async fn metrics(person: &tests::Person, client: &str) -> Vec<String> {
    let reply = person.get(&format!("/v1/clients/{client}/usage")).await.expect(200);
    assert_eq!(reply.keys(), ["metrics", "period_end", "period_start"]);
    let metrics = reply.json()["metrics"].as_array().unwrap().clone();
    let shown = metrics.iter().map(|metric| {
        assert_eq!(fields(metric), ["limit", "name", "percent", "used"]);
        let name = metric["name"].as_str().unwrap();
        // Parsing a number as a float would hide an inexact number.
        let named = reply.text.split_once(&format!(r#""name":"{name}","used":"#)).unwrap().1;
        let used = named.split([',', '}']).next().unwrap();
        format!("{name} {used}/{} {}", metric["limit"], metric["percent"])
    });
    shown.collect()
}

#[tokio::test]
async fn a_new_client_uses_only_its_owners_seat() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let default = ada.default_client().await;
    assert_eq!(
        metrics(&ada, &default).await,
        [
            "projects 0/3 0",
            "members 1/1 100",
            "credits 0/1000 0",
            "runs 0/null null",
            "storage_bytes 0/1073741824 0",
            "stored_files 0/1000 0"
        ]
    );
    // Only the default organization has the credits of the free plan.
    let other = ada.create_client("Acme").await;
    assert_eq!(
        metrics(&ada, &other).await,
        [
            "projects 0/3 0",
            "members 1/1 100",
            "credits 0/0 null",
            "runs 0/null null",
            "storage_bytes 0/1073741824 0",
            "stored_files 0/1000 0"
        ]
    );
}

#[tokio::test]
async fn usage_is_exact_and_has_the_limits_of_the_plan() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Acme").await;
    app.set_plan(&client, "basic").await;
    app.add_member(&client, &bob, Role::Admin).await;
    let projects = Update::new(keys::organization(&client.parse().unwrap())).add("projects", 7);
    let ctx = app.stack().context();
    let grown: Option<Value> = ctx.table.update(projects.only_if(Condition::Exists)).await.unwrap();
    assert!(grown.is_some());
    for _ in 0..3 {
        add_usage(&app, &client, "0.1", 1).await;
    }
    assert_eq!(
        metrics(&bob, &client).await,
        [
            "projects 7/10 70",
            "members 2/3 66",
            "credits 0.3/5000 0",
            "runs 3/null null",
            "storage_bytes 0/53687091200 0",
            "stored_files 0/20000 0"
        ]
    );
    add_usage(&app, &client, "12345678.000001", 0).await;
    let used = metrics(&ada, &client).await;
    assert_eq!(used[2..4], ["credits 12345678.300001/5000 246913", "runs 3/null null"]);
    app.set_plan(&client, "enterprise").await;
    assert_eq!(metrics(&ada, &client).await[..2], ["projects 7/null null", "members 2/null null"]);
    // A smaller plan does not reduce what was used.
    app.set_plan(&client, "free").await;
    assert_eq!(metrics(&ada, &client).await[..2], ["projects 7/3 233", "members 2/1 200"]);
}

#[tokio::test]
async fn a_period_is_a_calendar_month_in_utc() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let path = format!("/v1/clients/{client}/usage");
    add_usage(&app, &client, "5", 2).await;
    let usage = ada.get(&path).await.expect(200).json();
    let (start, end) = Timestamp::from_seconds(app.now().await).month_bounds();
    assert_eq!(usage["period_start"], start.seconds());
    assert_eq!(usage["period_end"], end.seconds());
    let left = u64::try_from(end.seconds() - app.now().await).unwrap();
    app.advance_clock_with_last_runs(left - 1).await;
    let ada = ada.sign_in(&app).await;
    assert_eq!(metrics(&ada, &client).await[2..4], ["credits 5/1000 0", "runs 2/null null"]);
    app.advance_clock(1).await;
    assert_eq!(metrics(&ada, &client).await[2..4], ["credits 0/1000 0", "runs 0/null null"]);
    assert_eq!(ada.get(&path).await.json()["period_start"], end.seconds());
}

#[tokio::test]
async fn usage_is_for_members_and_one_round_trip() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let client = ada.create_client("Acme").await;
    app.add_member(&client, &bob, Role::Member).await;
    let path = format!("/v1/clients/{client}/usage");
    eve.get(&path).await.expect_error(403, "NO_ACCESS");
    app.visitor().get(&path).await.expect_error(401, "missing bearer token");
    ada.get("/v1/clients/client_mfrggzdfmztwq2lknnwg23tpoa/usage")
        .await
        .expect_error(404, "NOT_FOUND");
    ada.get("/v1/clients/x/usage").await.expect_error(404, "NOT_FOUND");
    let token = app.token(&ada, |_| {}).await;
    let elsewhere = ada.default_client().await.parse().ok();
    let confined = app.token(&ada, |token| token.client_id = elsewhere).await;
    let at = |token: &str| app.visitor().with_bearer(token);
    at(&confined).get(&path).await.expect_error(403, "NO_ACCESS");
    for reply in [ada.get(&path).await, bob.get(&path).await, at(&token).get(&path).await] {
        let reply = reply.expect(200);
        assert_eq!(reply.calls_and_trips(), (1, 1));
        assert_eq!(
            reply.json()["metrics"][1],
            json!({
                "name": "members", "used": 2, "limit": 1, "percent": 200,
            })
        );
    }
}

#[tokio::test]
async fn usage_follows_the_period_of_the_quota() {
    let mut fixture = BillingFixture::start().await;
    let project = fixture.ada.create_project(&fixture.client, "Engines").await;
    let key = fixture.ada.visitor_with_key(&fixture.app, &fixture.client).await;
    key.spend_credits(&fixture.client, "free", "300").await.expect(200);
    let path = format!("/v1/clients/{}/usage", fixture.client);
    let month = fixture.ada.get(&path).await.expect(200).json();
    let start = fixture.app.stack().context().now().month_bounds().0;
    assert_eq!(month["period_start"], start.seconds());
    fixture.ada.subscribe(&fixture.app, &fixture.client, "basic").await;
    let subscription = fixture.subscription().await;
    let end = subscription["current_period_end"].as_i64().unwrap();
    let run = format!("/v1/projects/{project}/runs");
    // The second half of the period is in another month, unless it began on the first.
    for (name, moment) in [("first", None), ("last", Some(end - 1))] {
        if let Some(moment) = moment {
            fixture.advance_to(moment).await;
        }
        key.spend_credits(&fixture.client, name, "100").await.expect(200);
        fixture.ada.post(&run, json!({"kind": "manual", "name": name})).await.expect(200);
    }
    let usage = fixture.ada.get(&path).await.expect(200).json();
    for name in ["start", "end"] {
        assert_eq!(usage[format!("period_{name}")], subscription[format!("current_period_{name}")]);
    }
    let metric = |usage: &Value, index: usize| usage["metrics"][index]["used"].clone();
    assert_eq!((metric(&usage, 2), metric(&usage, 3)), (json!(200), json!(2)));
    let credits = fixture.credits().await;
    assert_eq!(credits["quota"]["used"], metric(&usage, 2));
    assert_eq!(credits["quota"]["monthly"], usage["metrics"][2]["limit"]);
    assert_eq!(credits["quota"]["monthly"], subscription["monthly_quota_credits"]);
    assert_eq!(credits["topup_balance"], 700);
    fixture.advance_to(end + 3_601).await;
    fixture.app.set_webhook_delivery("normal").await;
    let next = fixture.ada.get(&path).await.expect(200).json();
    assert_eq!((&next["period_start"], metric(&next, 2)), (&json!(end), json!(0)));
    assert_eq!(metric(&next, 3), 0);
    fixture.app.assert_ledgers_consistent().await;
}

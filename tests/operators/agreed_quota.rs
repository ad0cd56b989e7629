//! A monthly quota that operators agree on with an organization.

use serde_json::{Value, json};
use shared::operators::set_agreed_quota::MAX_AGREED_QUOTA;
use tests::billing::BillingFixture;
use tests::time::HOUR;
use tests::{CARD, Person, TestApp};

fn agree(client: &str, credits: &Value) -> Value {
    json!({"name": "set_agreed_quota", "client_id": client, "credits": credits})
}

/// Reads the size of the quota from the credits, the subscription and the usage.
async fn quotas(person: &Person, client: &str) -> [Value; 3] {
    let usage = person.get(&format!("/v1/clients/{client}/usage")).await.expect(200).json();
    let metrics = usage["metrics"].as_array().unwrap();
    let metric = metrics.iter().find(|metric| metric["name"] == "credits").unwrap();
    [
        person.credits(client).await["quota"]["monthly"].clone(),
        person.subscription(client).await["monthly_quota_credits"].clone(),
        metric["limit"].clone(),
    ]
}

/// Advances the clock until the next period is paid. Returns the person with a new session.
async fn begin_next_period(app: &TestApp, person: &Person, client: &str) -> Person {
    let end = person.subscription(client).await["current_period_end"].as_i64().unwrap();
    let left = u64::try_from(end - app.now().await).unwrap();
    app.advance_clock_with_last_runs(left + HOUR + 1).await;
    person.sign_in(app).await
}

#[tokio::test]
async fn the_next_paid_period_grants_an_agreed_quota() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    ada.subscribe(&app, &client, "pro").await;
    for _ in 0..2 {
        let agreed = app.operate_well(agree(&client, &json!(80_000))).await;
        let quota = json!({"plan": "pro", "credits": 80_000});
        assert_eq!(agreed, json!({"client_id": client, "agreed_quota": quota}));
    }
    // The current quota stays.
    assert_eq!(quotas(&ada, &client).await, [20_000, 20_000, 20_000].map(Value::from));
    let shown = app.operate_well(json!({"name": "show", "id": client})).await;
    assert_eq!(shown["agreed_quota"], json!({"plan": "pro", "credits": 80_000}));
    let log = ada.get(&format!("/v1/clients/{client}/activity?action=client.quota_agreed")).await;
    let events = log.expect(200).json()["data"].as_array().unwrap().clone();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(
        (&events[0]["support"], &events[0]["details"]["after"]),
        (&json!(true), &json!("80000"))
    );

    let ada = begin_next_period(&app, &ada, &client).await;
    assert_eq!(quotas(&ada, &client).await, [80_000, 80_000, 80_000].map(Value::from));
    assert_eq!(ada.credits(&client).await["quota"]["remaining"], 80_000);
    app.operate_well(agree(&client, &Value::Null)).await;
    assert_eq!(quotas(&ada, &client).await, [80_000, 80_000, 80_000].map(Value::from));
    let ada = begin_next_period(&app, &ada, &client).await;
    assert_eq!(quotas(&ada, &client).await, [20_000, 20_000, 20_000].map(Value::from));
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn a_downgrade_does_not_carry_an_agreed_quota() {
    let mut fixture = BillingFixture::subscribed("pro", CARD).await;
    fixture.app.operate_well(agree(&fixture.client, &json!(80_000))).await;
    for (plan, quota) in [("pro", 80_000), ("basic", 5_000)] {
        let preview = fixture.preview_change(plan).await.expect(200).json();
        assert_eq!(preview["monthly_quota_credits"], quota, "{plan}");
    }
    fixture.change_plan("basic").await.expect(200);
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    fixture.advance_to(end + 3_601).await;
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.plan().await, ("basic".to_owned(), "active".to_owned()));
    let shown = quotas(&fixture.ada, &fixture.client).await;
    assert_eq!(shown, [5_000, 5_000, 5_000].map(Value::from));
    assert_eq!(fixture.credits().await["quota"]["remaining"], 5_000);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_agreed_quota_is_not_for_a_later_plan() {
    let mut fixture = BillingFixture::subscribed("pro", CARD).await;
    fixture.app.operate_well(agree(&fixture.client, &json!(80_000))).await;
    fixture.cancel_plan().await.expect(200);
    let end = fixture.subscription().await["current_period_end"].as_i64().unwrap();
    fixture.advance_to(end + 1).await;
    fixture.app.set_webhook_delivery("normal").await;
    assert_eq!(fixture.plan().await, ("free".to_owned(), "canceled".to_owned()));
    let ended = quotas(&fixture.ada, &fixture.client).await;
    assert_eq!(ended, [0, 0, 0].map(Value::from));
    fixture.ada.subscribe(&fixture.app, &fixture.client, "basic").await;
    let shown = quotas(&fixture.ada, &fixture.client).await;
    assert_eq!(shown, [5_000, 5_000, 5_000].map(Value::from));
    assert_eq!(fixture.credits().await["quota"]["remaining"], 5_000);
    fixture.app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_agreed_plan_without_a_subscription_shows_the_quota() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for client in [ada.default_client().await, ada.create_client("Acme").await] {
        app.operate_refused(agree(&client, &json!(70_000)), "INVALID_FIELD").await;
        let plan = json!({"name": "set_agreed_plan", "client_id": client, "plan": "enterprise"});
        app.operate_well(plan).await;
        app.operate_well(agree(&client, &json!(70_000))).await;
        assert_eq!(quotas(&ada, &client).await, [70_000, 70_000, 70_000].map(Value::from));
        // It grants nothing.
        let balance = ada.credits(&client).await["balance"].clone();
        assert!(balance == 1_000 || balance == 0, "{balance}");
    }
}

#[tokio::test]
async fn an_agreed_quota_is_a_positive_whole_number() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.operate_well(json!({"name": "set_agreed_plan", "client_id": client, "plan": "pro"})).await;
    for wrong in [json!(0), json!(-1), json!(1.5), json!("80000"), json!(MAX_AGREED_QUOTA + 1)] {
        app.operate_refused(agree(&client, &wrong), "INVALID_FIELD").await;
    }
    app.operate_well(agree(&client, &json!(MAX_AGREED_QUOTA))).await;
    let nobody = "client_mfrggzdfmztwq2lknnwg23tpoa";
    app.operate_refused(agree(nobody, &json!(1)), "NOT_FOUND").await;
}

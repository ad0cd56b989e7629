//! Credits that operators grant or take back.

use serde_json::{Value, json};
use shared::billing::ledger::SupportKey;
use shared::credits::Credits;
use shared::keys::changed_ledgers_of;
use shared::operators::adjust_credits::{CreditAdjustment, adjust_credits};
use shared::support_case::SupportCase;
use tests::organizations::organization_id;
use tests::time::DAY;
use tests::{TestApp, race};

fn grant(client: &str, credits: &Value) -> Value {
    json!({"name": "grant_credits", "client_id": client, "credits": credits})
}

#[tokio::test]
async fn credits_are_granted_once_for_a_ticket() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let granted = app.operate_well(grant(&client, &json!(250.5))).await;
    assert_eq!(
        (&granted["credits"], &granted["balance_after"], &granted["replayed"]),
        (&json!(250.5), &json!(1_250.5), &json!(false))
    );
    let again = app.operate_well(grant(&client, &json!(250.5))).await;
    assert_eq!(
        (&again["transaction_id"], &again["replayed"]),
        (&granted["transaction_id"], &json!(true))
    );
    app.operate_refused(grant(&client, &json!(1)), "IDEMPOTENCY_CONFLICT").await;
    let mut second = grant(&client, &json!(1));
    second["key"] = json!("T-1 second");
    app.operate_well(second).await;
    let credits = ada.credits(&client).await;
    assert_eq!((&credits["balance"], &credits["topup_balance"]), (&json!(1_251.5), &json!(251.5)));
    let transactions = ada.transactions(&client).await;
    assert_eq!(transactions[1]["type"], "adjustment");
    assert_eq!(transactions[1]["description"], "Adjustment by support");
    let log = ada.get(&format!("/v1/clients/{client}/activity?action=credits.adjusted")).await;
    let events = log.expect(200).json();
    assert_eq!(events["data"].as_array().unwrap().len(), 2);
    assert_eq!(events["data"][1]["support"], true);
    assert_eq!(events["data"][1]["details"]["credits"], "250.5");
    app.assert_ledgers_consistent().await;
}

/// Each day, the first change of a ledger lists it for the daily audit.
#[tokio::test]
async fn the_first_change_of_a_day_is_listed_for_the_audit() {
    let app = TestApp::start().await;
    let client = app.sign_up("ada").await.default_client().await;
    app.advance_clock(DAY).await;
    app.operate_well(grant(&client, &json!(1))).await;
    let day = app.stack().context().now().day();
    let listed = app.items(&changed_ledgers_of(&day), "").await;
    assert_eq!(listed.len(), 1, "{listed:?}");
}

#[tokio::test]
async fn credits_are_taken_back_as_far_as_there_are_any() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.operate_refused(grant(&client, &json!(-1_000.5)), "INSUFFICIENT_CREDITS").await;
    app.operate_well(grant(&client, &json!(-1_000))).await;
    assert_eq!(ada.credits(&client).await["balance"], 0);
    for wrong in [json!(0), json!(0.000_000_1), json!("7")] {
        app.operate_refused(grant(&client, &wrong), "INVALID_FIELD").await;
    }
    let nobody = "client_mfrggzdfmztwq2lknnwg23tpoa";
    app.operate_refused(grant(nobody, &json!(1)), "NOT_FOUND").await;
    app.assert_ledgers_consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_grant_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let id = organization_id(&client);
    let results = race(8, |_| {
        let ctx = app.stack().context().clone();
        let adjustment = CreditAdjustment {
            organization_id: id.clone(),
            credits: Credits::whole(100),
            key: SupportKey::parse("T-1").unwrap(),
        };
        async move {
            let case = SupportCase::parse("grace", "T-1", "a test").unwrap();
            adjust_credits(&ctx, &adjustment, &case).await
        }
    })
    .await;
    let posted = results.iter().flatten().filter(|adjusted| !adjusted.replayed).count();
    assert_eq!(posted, 1, "{results:?}");
    assert_eq!(ada.credits(&client).await["balance"], 1_100);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_agreed_plan_is_set_without_a_subscription_only() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let set = |plan: &str| json!({"name": "set_agreed_plan", "client_id": client, "plan": plan});
    app.operate_well(set("enterprise")).await;
    assert_eq!(app.operate_well(set("enterprise")).await["plan"], "enterprise");
    assert_eq!(ada.get(&format!("/v1/clients/{client}")).await.json()["plan"], "enterprise");
    let log = ada.get(&format!("/v1/clients/{client}/activity?action=client.plan_changed")).await;
    let events = log.expect(200).json()["data"].as_array().unwrap().clone();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["support"], true);
    app.operate_well(set("free")).await;
    app.operate_refused(set("gold"), "INVALID_FIELD").await;
    ada.subscribe(&app, &client, "pro").await;
    app.operate_refused(set("enterprise"), "ALREADY_SUBSCRIBED").await;
}

#[tokio::test]
async fn a_ticket_with_other_characters_needs_a_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let operate = async |action: Value| {
        let call =
            json!({"operator": "grace", "ticket": "Fälle/7", "reason": "x", "action": action});
        app.visitor().post("/local/admin", call).await.expect(200).json()
    };
    let refused = operate(grant(&client, &json!(1))).await;
    assert_eq!(refused["error"]["code"], "INVALID_FIELD", "{refused}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("ticket: ") && message.contains("send a `key`"), "{message}");
    let mut keyed = grant(&client, &json!(1));
    keyed["key"] = json!("cases/7");
    let granted = operate(keyed).await;
    assert_eq!(granted["result"]["replayed"], false, "{granted}");
}

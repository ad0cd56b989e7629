//! Spending credits is exact, happens once per key, and never exceeds the balance.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tests::time::DAY;
use tests::{TestApp, count_successes, race, race_size};

/// `float_money`: many small debits add up exactly.
#[tokio::test]
async fn float_money_many_small_debits_are_exact() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    key.spend_credits(&client, "first", "990").await.expect(200);
    for number in 0..race_size() {
        let debit = key.spend_credits(&client, &format!("small {number}"), "0.004").await;
        debit.expect(200);
    }
    let small = json!(race_size()).as_f64().unwrap() * 0.004;
    let rest = format!("{:.3}", 10.0 - small);
    let last = key.spend_credits(&client, "rest", &rest).await.expect(200).json();
    assert_eq!(last["balance"], json!(0));
    key.spend_credits(&client, "more", "0.000001").await.expect_error(402, "INSUFFICIENT_CREDITS");
    app.assert_ledgers_consistent().await;
}

/// `double_spend`: concurrent debits above the balance take exactly the balance.
#[tokio::test]
async fn double_spend_thirty_of_fifty_concurrent_debits_succeed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    let enough = race_size() * 3 / 5;
    let left = 1000 - enough;
    key.spend_credits(&client, "before", &left.to_string()).await.expect(200);
    let replies = race(race_size(), |number| {
        let (key, client) = (key.clone(), client.clone());
        async move { key.spend_credits(&client, &format!("run {number}"), "1").await }
    })
    .await;
    let mut taken = replies.iter().filter(|reply| reply.status == 200).count();
    for reply in &replies {
        match reply.status {
            200 => {}
            402 => assert_eq!(reply.code(), "INSUFFICIENT_CREDITS"),
            // The outcome is open, so the debit is repeated with its key below.
            503 => assert!(reply.header("retry-after").is_some(), "{}", reply.text),
            other => panic!("{other}: {}", reply.text),
        }
    }
    app.wait_until_idle(&replies).await;
    // Repeats the debits that timed out.
    for (number, reply) in replies.iter().enumerate().filter(|(_, reply)| reply.status == 503) {
        let again = key.spend_credits(&client, &format!("run {number}"), "1").await;
        assert!([200, 402].contains(&again.status), "{} {}", reply.text, again.text);
        taken += usize::from(again.status == 200);
    }
    assert_eq!(taken, enough);
    assert_eq!(ada.credits(&client).await["balance"], 0);
    app.assert_ledgers_consistent().await;
}

/// `retry_charge`: a repeated debit is made once, without a time limit.
#[tokio::test]
async fn retry_charge_a_repeated_debit_is_replayed_after_a_year() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    let mut replies = race(race_size(), |_| {
        let (key, client) = (key.clone(), client.clone());
        async move { key.spend_credits(&client, "the same", "7").await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    // A client repeats a request that was answered 503.
    replies.push(key.spend_credits(&client, "the same", "7").await.expect(200));
    let first = replies.last().unwrap().text.clone();
    for reply in replies.iter().filter(|reply| reply.status != 503) {
        assert_eq!((reply.status, &reply.text), (200, &first));
    }
    let fresh = replies.iter().filter(|r| r.header("idempotent-replayed").is_none());
    assert!(count_successes(fresh).contains(&1));
    assert_eq!(ada.credits(&client).await["balance"], 993);
    // Another API key of the same organization repeats the debit after a year.
    app.advance_clock_only(400 * DAY).await;
    // With a run of each schedule.
    app.advance_clock(DAY).await;
    let ada = ada.sign_in(&app).await;
    let other = ada.visitor_with_key(&app, &client).await;
    let again = other.spend_credits(&client, "the same", "7").await.expect(200);
    assert_eq!((again.header("idempotent-replayed"), &again.text), (Some("true"), &first));
    other.spend_credits(&client, "the same", "8").await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    assert_eq!(ada.credits(&client).await["balance"], 993);
    assert_eq!(ada.transactions(&client).await.len(), 2);
    app.assert_ledgers_consistent().await;
}

/// A refused debit does not use up its key.
#[tokio::test]
async fn a_refused_debit_succeeds_after_a_top_up() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    let refused = key.spend_credits(&client, "large", "1200").await;
    assert_snapshot!(app.snapshot(&refused).await, @r#"
    402
    {
      "detail": {
        "code": "INSUFFICIENT_CREDITS",
        "message": "Not enough credits; top up"
      }
    }
    "#);
    assert_eq!(ada.transactions(&client).await.len(), 1);
    ada.buy_credits(&app, &client, 500).await;
    let taken = key.spend_credits(&client, "large", "1200").await;
    assert_snapshot!(app.snapshot(&taken).await, @r#"
    200
    {
      "balance": 300,
      "transaction": {
        "balance_after": 300,
        "created_at": "[now]",
        "credits": -1200,
        "description": "a run",
        "id": "[txn]",
        "project_id": null,
        "run_id": null,
        "type": "usage"
      }
    }
    "#);
    let credits = ada.credits(&client).await;
    assert_eq!((&credits["quota"]["used"], &credits["topup_balance"]), (&json!(1000), &json!(300)));
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn an_invalid_debit_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    let path = format!("/v1/clients/{client}/usage");
    for bad in ["0", "-1", "0.0000001", "1000000.000001", "\"5\"", "1e99", "true", "[]"] {
        key.spend_credits(&client, "x", bad).await.expect_error(400, "INVALID_FIELD");
    }
    key.spend_credits(&client, "x", "null").await.expect_error(400, "MISSING_CREDITS");
    key.spend_credits(&client, &"x".repeat(256), "1").await.expect_error(400, "INVALID_FIELD");
    let body = json!({"credits": 1, "description": "x"});
    key.post(&path, body.clone()).await.expect_error(400, "MISSING_IDEMPOTENCY_KEY");
    let named = key.clone().with_header("idempotency-key", "x");
    named.post(&path, json!({"credits": 1})).await.expect_error(400, "MISSING_DESCRIPTION");
    for (field, value) in [
        ("description", json!(" ")),
        ("description", json!("x".repeat(501))),
        ("description", json!("a\nb")),
        ("run_id", json!("run_x")),
        ("project_id", json!(eve.create_project(&eve.default_client().await, "x").await)),
    ] {
        let mut bad: Value = body.clone();
        bad[field] = value;
        let refused = named.post(&path, bad).await.expect(400);
        assert!(refused.text.contains(field) || refused.code() == "MISSING_DESCRIPTION");
    }
    // Only an API key of the organization may spend its credits.
    let at = ada.visitor.clone().with_header("idempotency-key", "x");
    at.post(&path, body.clone()).await.expect_error(403, "KEY_REQUIRED");
    let token = app.token(&ada, |_| {}).await;
    let personal = app.visitor().with_bearer(&token).with_header("idempotency-key", "x");
    personal.post(&path, body.clone()).await.expect_error(403, "KEY_REQUIRED");
    let foreign = eve.visitor.clone().with_header("idempotency-key", "x");
    foreign.post(&path, body.clone()).await.expect_error(403, "NO_ACCESS");
    let other = eve.visitor_with_key(&app, &eve.default_client().await).await;
    other.spend_credits(&client, "x", "1").await.expect_error(403, "NO_ACCESS");
    assert_eq!(ada.credits(&client).await["balance"], 1000);
    app.assert_ledgers_consistent().await;
}

/// The number of round trips to DynamoDB does not depend on the length of the ledger.
#[tokio::test]
async fn a_debit_takes_four_round_trips_and_a_read_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    // The first one of a day is a transaction, and records the use of the key.
    let first = key.spend_credits(&client, "first", "1").await.expect(200);
    assert_eq!(first.cost().trips, 3);
    for number in 0..15 {
        let reply = key.spend_credits(&client, &format!("run {number}"), "1").await.expect(200);
        assert_eq!(reply.cost().trips, 4);
    }
    for (path, expected) in
        [("credits", 1), ("credits/transactions", 1), ("subscription", 1), ("invoices", 1)]
    {
        let reply = ada.get(&format!("/v1/clients/{client}/{path}")).await.expect(200);
        assert_eq!(reply.cost().trips, expected, "{path}");
    }
    // The entries of debits that the page does not show are looked for once.
    let path = format!("/v1/clients/{client}/credits/transactions?limit=10");
    assert_eq!(ada.get(&path).await.expect(200).cost().trips, 2);
}

/// One mail for the highest of 80, 90 and 100 percent that a debit reaches, once for each quota.
#[tokio::test]
async fn usage_mails_are_sent_once_per_threshold() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    let usage_mails = async || {
        app.wait_for_worker().await;
        let subjects = app.subjects(&ada.email).await;
        subjects.into_iter().filter(|subject| subject.contains("credits")).collect::<Vec<_>>()
    };
    for (name, credits, mails) in [
        ("a", "799.999999", 0),
        ("b", "0.000001", 1),
        ("c", "50", 1),
        ("d", "60", 2),
        ("e", "90", 3),
    ] {
        key.spend_credits(&client, name, credits).await.expect(200);
        assert_eq!(usage_mails().await.len(), mails, "{name}: {:?}", usage_mails().await);
    }
    ada.subscribe(&app, &client, "basic").await;
    key.spend_credits(&client, "f", "4999").await.expect(200);
    assert_eq!(usage_mails().await.len(), 4);
    key.spend_credits(&client, "g", "1").await.expect(200);
    assert_eq!(usage_mails().await.len(), 5);
    app.assert_ledgers_consistent().await;
}

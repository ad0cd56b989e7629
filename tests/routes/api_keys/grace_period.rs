//! Tests of rotations after which the previous value of a key is still accepted for a while.

use serde_json::{Value, json};
use tests::activity::list_log_entries;
use tests::api_keys::{change_key, check_key, create_key, list_keys};
use tests::{FaultProxy, Person, Reply, TestApp, race, race_size};

async fn rotate(person: &Person, client: &str, grace_seconds: Value) -> Reply {
    let path = format!("/v1/clients/{client}/api-keys/1/rotate");
    person.post(&path, json!({"grace_seconds": grace_seconds})).await
}

fn value(made: &Value) -> &str {
    made["key"].as_str().unwrap()
}

#[tokio::test]
async fn the_previous_value_works_until_the_grace_period_ends() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let first = create_key(&ada, &acme, "production").await.expect(200).json();
    assert_eq!(first["previous_value"], json!(null));
    let now = app.now().await;
    let second = rotate(&ada, &acme, json!(100)).await.expect(200).json();
    let previous = json!({"masked": first["masked"], "valid_until": now + 100});
    assert_eq!(second["previous_value"], previous);
    assert_eq!(list_keys(&ada, &acme).await[0]["previous_value"], previous);
    let everywhere = ada.get("/v1/api-keys").await.expect(200).json();
    assert_eq!(everywhere["data"][0]["previous_value"], previous);
    let log = list_log_entries(&app, &acme, "key.rotated").await;
    assert_eq!(log[0]["details"]["M"]["grace_seconds"]["S"], "100");
    // The first use is stored. Later ones are one read, of the previous value too.
    for value in [value(&first), value(&second)] {
        let visitor = app.visitor().with_bearer(value);
        let projects = format!("/v1/projects?org_id={acme}");
        visitor.get(&projects).await.expect(200);
        let reply = visitor.get(&projects).await.expect(200);
        assert_eq!((reply.cost().trips, reply.cost().wcu), (1, 0.0));
    }
    app.advance_clock(99).await;
    assert_eq!(
        (check_key(&app, value(&first)).await, check_key(&app, value(&second)).await),
        (200, 200)
    );
    app.advance_clock(1).await;
    assert_eq!(
        (check_key(&app, value(&first)).await, check_key(&app, value(&second)).await),
        (401, 200)
    );
    assert_eq!(list_keys(&ada, &acme).await[0]["previous_value"], json!(null));
}

#[tokio::test]
async fn rotating_again_ends_the_older_value() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let first = create_key(&ada, &acme, "production").await.expect(200).json();
    let second = rotate(&ada, &acme, json!(1000)).await.expect(200).json();
    let third = rotate(&ada, &acme, json!(10)).await.expect(200).json();
    let check = async || {
        let values = [&first, &second, &third].map(|made| value(made).to_owned());
        [
            check_key(&app, &values[0]).await,
            check_key(&app, &values[1]).await,
            check_key(&app, &values[2]).await,
        ]
    };
    assert_eq!(check().await, [401, 200, 200]);
    app.advance_clock(10).await;
    assert_eq!(check().await, [401, 401, 200]);
    // Without a grace period, only the new value works.
    let fourth = rotate(&ada, &acme, json!(1000)).await.expect(200).json();
    let fifth = change_key(&ada, &acme, 1, "rotate").await.expect(200).json();
    assert_eq!(check().await, [401, 401, 401]);
    assert_eq!(
        (check_key(&app, value(&fourth)).await, check_key(&app, value(&fifth)).await),
        (401, 200)
    );
}

#[tokio::test]
async fn revoking_ends_both_values_at_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let first = create_key(&ada, &acme, "production").await.expect(200).json();
    let second = rotate(&ada, &acme, json!(604_800)).await.expect(200).json();
    change_key(&ada, &acme, 1, "revoke").await.expect(200);
    assert_eq!(
        (check_key(&app, value(&first)).await, check_key(&app, value(&second)).await),
        (401, 401)
    );
}

#[tokio::test]
async fn both_values_end_when_the_key_expires() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = format!("/v1/clients/{acme}/api-keys");
    let body = json!({"name": "ci", "expires_in_days": 1});
    let first = ada.post(&path, body).await.expect(200).json();
    let second = rotate(&ada, &acme, json!(604_800)).await.expect(200).json();
    assert_eq!(second["expires_at"], first["expires_at"]);
    assert_eq!(
        (check_key(&app, value(&first)).await, check_key(&app, value(&second)).await),
        (200, 200)
    );
    app.advance_clock(24 * 60 * 60).await;
    assert_eq!(
        (check_key(&app, value(&first)).await, check_key(&app, value(&second)).await),
        (401, 401)
    );
}

#[tokio::test]
async fn an_invalid_grace_period_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (_, key) = ada.key(&acme, "production").await;
    for bad in [json!(-1), json!(604_801), json!(1.5), json!("10"), json!([])] {
        let refused = rotate(&ada, &acme, bad).await;
        assert!(refused.text.contains("grace_seconds"), "{}", refused.text);
        refused.expect_error(400, "INVALID_FIELD");
    }
    let path = format!("/v1/clients/{acme}/api-keys/1/rotate");
    let form = ada.visitor.post_raw(&path, "text/plain", "grace_seconds=10").await;
    form.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    ada.visitor.post_raw(&path, "application/json", "[").await.expect_error(400, "INVALID_JSON");
    assert_eq!(check_key(&app, &key).await, 200);
    // A request without a body, or with an empty one, refuses the previous value at once.
    let rotated = ada.visitor.post_raw(&path, "application/json", "").await.expect(200).json();
    assert_eq!((check_key(&app, &key).await, check_key(&app, value(&rotated)).await), (401, 200));
}

/// The later rotation keeps the earlier one's value, and not the one that both have read.
#[tokio::test]
async fn a_concurrent_rotation_keeps_the_value_before_it() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let first = create_key(&ada, &acme, "production").await.expect(200).json();
    let mut second = Value::Null;
    let other = async { second = rotate(&ada, &acme, json!(1000)).await.expect(200).json() };
    let late = engine.delay_transaction(rotate(&ada, &acme, json!(1000)), other).await;
    let third = late.expect(200).json();
    assert_eq!(third["previous_value"]["masked"], second["masked"]);
    let statuses = [
        check_key(&app, value(&first)).await,
        check_key(&app, value(&second)).await,
        check_key(&app, value(&third)).await,
    ];
    assert_eq!(statuses, [401, 200, 200]);
}

#[tokio::test]
async fn concurrent_rotations_leave_two_valid_values() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let first = create_key(&ada, &acme, "production").await.expect(200).json();
    let answers = race(race_size().min(8), |_| {
        let (ada, acme) = (ada.clone(), acme.clone());
        async move { rotate(&ada, &acme, json!(1000)).await }
    })
    .await;
    assert!(answers.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&answers).await;
    let mut values = vec![value(&first).to_owned()];
    let made = answers.iter().filter(|reply| reply.status == 200).map(Reply::json);
    values.extend(made.map(|made| value(&made).to_owned()));
    let mut valid = 0;
    for value in &values {
        valid += usize::from(check_key(&app, value).await == 200);
    }
    // A value whose response was lost is not counted.
    let lost = answers.iter().any(|reply| reply.status == 503);
    assert!(valid == 2 || valid < 2 && lost, "{valid} of {}", values.len());
}

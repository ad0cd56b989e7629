//! Tests of `GET` and `PUT /v1/me/notifications`.

use local::{StackData, StackOptions};
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::error::Error;
use shared::notifications;
use shared::notifications::{AlertChannel, PreferencesChange, RunChannel, change_preferences};
use shared::slack::SLACK_TEST_THROTTLE;
use shared::values::Timezone;
use tests::activity::list_user_log_entries;
use tests::malformed_bodies::malformed_bodies;
use tests::notifications::{set_preferences, slack_messages_to};
use tests::{Person, Reply, TestApp, keys, race};

/// The path of the preferences.
const PATH: &str = "/v1/me/notifications";

/// The secret part of the webhook URL.
const SECRET: &str = "abcdefghijklmnopqrstWx7Q";

/// The webhook URL as responses show it.
const MASKED: &str = "https://hooks.slack.com/services/T…/B…/••••Wx7Q";

/// Builds the webhook URL.
fn webhook_url() -> String {
    format!("https://hooks.slack.com/services/T01ABCDEF/B02GHIJKL/{SECRET}")
}

/// Builds the default preferences.
fn default_preferences() -> Value {
    json!({
        "test_failures": "email", "scheduled_runs": "email", "usage_alerts": "email",
        "billing_alerts": "email", "slack_webhook_url": null,
    })
}

/// Sends preferences.
async fn put_preferences(person: &Person, body: Value) -> Reply {
    person.visitor.send_json(Method::PUT, PATH, &body).await
}

/// Gets the preferences.
async fn get_preferences(person: &Person) -> Value {
    let mut shown = person.get(PATH).await.expect(200).json();
    // It is no preference: `tests/worker/bounces.rs` tests it.
    let suppression = shown.as_object_mut().unwrap().remove("email_suppression");
    assert_eq!(suppression, Some(Value::Null));
    shown
}

#[tokio::test]
async fn omitted_fields_are_unchanged() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    assert_eq!(get_preferences(&ada).await, default_preferences());
    put_preferences(&eve, json!({"billing_alerts": "none"})).await.expect(200);
    let row_of_eve = app.items("USER#", "NOTIFICATIONS").await;
    let mut expected = default_preferences();
    for change in [
        json!({"usage_alerts": "none"}),
        json!({"slack_webhook_url": webhook_url()}),
        json!({"test_failures": "slack", "scheduled_runs": "none"}),
        json!({"billing_alerts": "none", "unknown": 1}),
        json!({"usage_alerts": "email"}),
    ] {
        let reply = put_preferences(&ada, change.clone()).await.expect(200);
        for (field, value) in change.as_object().unwrap() {
            match field.as_str() {
                "unknown" => {}
                "slack_webhook_url" => expected[field] = json!(MASKED),
                _ => expected[field] = value.clone(),
            }
        }
        assert_eq!(reply.json(), expected, "{change}");
        assert_eq!(get_preferences(&ada).await, expected, "{change}");
    }
    assert!(app.items("USER#", "NOTIFICATIONS").await.contains(&row_of_eve[0]), "eve's own");
    let all = ["billing_alerts", "scheduled_runs", "slack_webhook_url", "test_failures"];
    assert_eq!(keys(&get_preferences(&eve).await)[..4], all);
    // The worker reads the same preferences.
    let ctx = app.stack().context();
    let preferences = notifications::read_preferences(ctx, &ada.id().await).await.unwrap();
    assert_eq!(preferences.test_failures, RunChannel::Slack);
    assert_eq!(preferences.slack_webhook.unwrap().reveal(), webhook_url());
}

#[tokio::test]
async fn the_log_has_changed_fields_but_no_webhook_url() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.advance_clock(1).await;
    let change = json!({"test_failures": "slack", "slack_webhook_url": webhook_url()});
    put_preferences(&ada, change).await.expect(200);
    let events = ada.get("/v1/me/activity?limit=1").await.expect(200).json();
    let event = &events["data"][0];
    assert_eq!(event["action"], "notifications.changed");
    let details = json!({
        "fields": "test_failures, slack_webhook_url", "test_failures": "email -> slack",
    });
    assert_eq!(event["details"], details);
}

#[tokio::test]
async fn an_unchanged_request_writes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = app.durable_items().await.len();
    put_preferences(&ada, json!({})).await.expect(200);
    assert_eq!(
        put_preferences(&ada, default_preferences()).await.expect(200).json(),
        default_preferences()
    );
    assert_eq!(app.durable_items().await.len(), before);
}

#[tokio::test]
async fn a_response_is_accepted_as_a_request() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    put_preferences(&ada, json!({"slack_webhook_url": webhook_url(), "test_failures": "slack"}))
        .await
        .expect(200);
    let mut shown = get_preferences(&ada).await;
    assert_eq!(shown["slack_webhook_url"], MASKED);
    let changes = list_user_log_entries(&app, "notifications.changed").await.len();
    assert_eq!(put_preferences(&ada, shown.clone()).await.expect(200).json(), shown);
    assert_eq!(
        list_user_log_entries(&app, "notifications.changed").await.len(),
        changes,
        "nothing changed"
    );
    shown["usage_alerts"] = json!("none");
    assert_eq!(put_preferences(&ada, shown.clone()).await.expect(200).json(), shown);
    let ctx = app.stack().context();
    let preferences = notifications::read_preferences(ctx, &ada.id().await).await.unwrap();
    assert_eq!(preferences.slack_webhook.unwrap().reveal(), webhook_url());
    // A masked webhook is refused if the webhook has been changed or removed meanwhile.
    let other = "https://hooks.slack.com/services/T9/B9/zyxwvutsrqponmlkjihg9999";
    put_preferences(&ada, json!({"slack_webhook_url": other})).await.expect(200);
    put_preferences(&ada, shown.clone()).await.expect_error(400, "INVALID_FIELD");
    let clear = json!({"slack_webhook_url": "", "test_failures": "none"});
    put_preferences(&ada, clear).await.expect(200);
    put_preferences(&ada, shown).await.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn choosing_slack_requires_a_webhook() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let missing = "MISSING_SLACK_WEBHOOK_URL";
    for field in ["test_failures", "scheduled_runs"] {
        put_preferences(&ada, json!({field: "slack"})).await.expect_error(400, missing);
        put_preferences(&ada, json!({field: "slack", "slack_webhook_url": null}))
            .await
            .expect_error(400, missing);
        assert_eq!(get_preferences(&ada).await, default_preferences());
        let both = json!({field: "slack", "slack_webhook_url": webhook_url()});
        put_preferences(&ada, both).await.expect(200);
        for nothing in [json!(null), json!(""), json!(" ")] {
            let clear = json!({"slack_webhook_url": nothing, "usage_alerts": "none"});
            put_preferences(&ada, clear).await.expect_error(400, missing);
        }
        assert_eq!(get_preferences(&ada).await["usage_alerts"], "email");
        assert_eq!(get_preferences(&ada).await["slack_webhook_url"], MASKED);
        // One request changes both fields in the other direction.
        let back = json!({field: "email", "slack_webhook_url": null});
        assert_eq!(put_preferences(&ada, back).await.expect(200).json(), default_preferences());
    }
    for field in ["usage_alerts", "billing_alerts"] {
        let body = json!({field: "slack", "slack_webhook_url": webhook_url()});
        put_preferences(&ada, body).await.expect_error(400, "INVALID_FIELD");
    }
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for (content_type, body, status, code) in malformed_bodies() {
        let body = Some((content_type, body));
        ada.visitor.send(Method::PUT, PATH, body).await.expect_error(status, code);
    }
    for field in ["test_failures", "scheduled_runs", "usage_alerts", "billing_alerts"] {
        let bad = ["sms", "", "Email", " email", "email "].map(Value::from);
        let shapes = [json!(1), json!(true), json!(["email"]), json!({"email": null})];
        for value in bad.into_iter().chain(shapes) {
            // A request with one invalid field changes no other field.
            let body = json!({"slack_webhook_url": webhook_url(), field: value});
            let reply =
                put_preferences(&ada, body.clone()).await.expect_error(400, "INVALID_FIELD");
            let message = reply.json()["detail"]["message"].as_str().unwrap().to_owned();
            assert!(message.starts_with(&format!("{field}: must be ")), "{body}: {message}");
        }
        let code = format!("MISSING_{}", field.to_uppercase());
        put_preferences(&ada, json!({field: null})).await.expect_error(400, &code);
    }
    let long = format!("{}{}", webhook_url(), "x".repeat(300));
    for webhook in [
        json!(1),
        json!([webhook_url()]),
        json!(long),
        json!("http://hooks.slack.com/services/T1/B1/x"),
        json!("https://hooks.slack.com.evil.example/services/T1/B1/x"),
        json!("https://user@hooks.slack.com/services/T1/B1/x"),
        json!("https://hooks.slack.com:8443/services/T1/B1/x"),
        json!("https://hooks.slack.com\\@evil.example/services/T1/B1/x"),
        json!("https://h\u{3bf}oks.slack.com/services/T1/B1/x"),
        json!("https://hooks.slack.com/evil/../services/T1/B1/x"),
        json!(MASKED),
        json!(format!("{}••••", webhook_url())),
    ] {
        let body = json!({"usage_alerts": "none", "slack_webhook_url": webhook});
        let reply = put_preferences(&ada, body).await.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains("slack_webhook_url: "), "{webhook}: {}", reply.text);
        assert!(!reply.text.contains("evil"), "{}", reply.text);
    }
    assert_eq!(get_preferences(&ada).await, default_preferences());
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_different_fields_all_apply() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let changes = [
        json!({"test_failures": "none"}),
        json!({"scheduled_runs": "none"}),
        json!({"usage_alerts": "none"}),
        json!({"billing_alerts": "none"}),
        json!({"slack_webhook_url": webhook_url()}),
    ];
    let replies = race(changes.len(), |number| {
        let (ada, change) = (ada.clone(), changes[number].clone());
        async move { put_preferences(&ada, change).await }
    })
    .await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:#?}");
    let expected = json!({
        "test_failures": "none", "scheduled_runs": "none", "usage_alerts": "none",
        "billing_alerts": "none", "slack_webhook_url": MASKED,
    });
    assert_eq!(get_preferences(&ada).await, expected);
    assert_eq!(list_user_log_entries(&app, "notifications.changed").await.len(), changes.len());
}

/// One request chooses Slack while another one removes the webhook. The later one is refused.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_never_leave_slack_without_a_webhook() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for _ in 0..5 {
        put_preferences(&ada, json!({"slack_webhook_url": webhook_url()})).await.expect(200);
        let changes = [json!({"test_failures": "slack"}), json!({"slack_webhook_url": null})];
        let replies = race(2, |number| {
            let (ada, change) = (ada.clone(), changes[number].clone());
            async move { put_preferences(&ada, change).await }
        })
        .await;
        let refused: Vec<_> = replies.into_iter().filter(|reply| reply.status != 200).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].code(), "MISSING_SLACK_WEBHOOK_URL");
        put_preferences(&ada, default_preferences()).await.expect(200);
    }
}

/// The session ends between its check and the write.
#[tokio::test]
async fn an_ended_session_changes_no_preferences() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let ctx = app.stack().context();
    let none = PreferencesChange {
        usage_alerts: Some(AlertChannel::None),
        ..PreferencesChange::default()
    };
    for all_others in [true, false] {
        let lost = ada.sign_in(&app).await;
        let begun = app.session(&lost).await;
        if all_others {
            ada.visitor.send(Method::DELETE, "/v1/me/sessions", None).await.expect(200);
        } else {
            lost.post("/v1/logout", json!({})).await.expect(200);
        }
        let refused = change_preferences(ctx, &begun, &none).await;
        assert!(matches!(refused, Err(Error::InvalidSession)), "{refused:?}");
        assert!(app.items("USER#", "NOTIFICATIONS").await.is_empty());
    }
    // The session that ended the others stays valid, and its requests succeed.
    let begun = app.session(&ada).await;
    ada.visitor.send(Method::DELETE, "/v1/me/sessions", None).await.expect(200);
    change_preferences(ctx, &begun, &none).await.unwrap();
    assert_eq!(get_preferences(&ada).await["usage_alerts"], "none");
}

#[tokio::test]
async fn prehijack_a_password_reset_removes_the_squatters_webhook() {
    let app = TestApp::start_without_email_verification().await;
    let visitor = app.visitor();
    let body = json!({"email": "ada@example.com", "name": "Eve", "password": tests::PASSWORD});
    let reply = visitor.post("/v1/register", body).await.expect(200);
    let squatter = Person::from_session(&visitor, "ada@example.com", &reply);
    let change = json!({"slack_webhook_url": webhook_url(), "test_failures": "slack"});
    put_preferences(&squatter, change.clone()).await.expect(200);
    let reset = async |password: &str| {
        let address = json!({"email": "ada@example.com"});
        app.visitor().post("/v1/password/forgot", address).await.expect(200);
        let code = app.code("ada@example.com").await;
        let body = json!({"email": "ada@example.com", "code": code, "new_password": password});
        app.visitor().post("/v1/password/reset", body).await.expect(200);
    };
    reset(tests::PASSWORD).await;
    let owner = squatter.sign_in(&app).await;
    assert_eq!(get_preferences(&owner).await, default_preferences());
    // A reset ends the webhook of a verified account as well, and keeps its other preferences.
    let mut change = change;
    change["usage_alerts"] = "none".into();
    put_preferences(&owner, change).await.expect(200);
    app.advance_clock(61).await;
    reset(tests::PASSWORD).await;
    let mut expected = default_preferences();
    expected["usage_alerts"] = "none".into();
    assert_eq!(get_preferences(&owner.sign_in(&app).await).await, expected);
}

#[tokio::test]
async fn prehijack_a_takeover_removes_the_squatters_webhook() {
    let folder = std::env::temp_dir().join(format!("notifications-{}", std::process::id()));
    let start = async |require_email_verification| {
        let data = StackData::Folder(folder.clone());
        let options = StackOptions { data, require_email_verification, ..StackOptions::default() };
        TestApp::start_with_options(options).await
    };
    let app = start(false).await;
    let visitor = app.visitor();
    let body = json!({"email": "ada@example.com", "name": "Eve", "password": tests::PASSWORD});
    let reply = visitor.post("/v1/register", body).await.expect(200);
    let squatter = Person::from_session(&visitor, "ada@example.com", &reply);
    let change = json!({"slack_webhook_url": webhook_url(), "test_failures": "slack"});
    put_preferences(&squatter, change).await.expect(200);
    app.stop().await;
    let app = start(true).await;
    let owner = app.sign_up("ada").await;
    assert_eq!(get_preferences(&owner).await, default_preferences());
    app.stop().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_test_message_arrives_before_the_answer() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.patch("/v1/me", json!({"timezone": "Europe/Berlin"})).await.expect(200);
    let test = format!("{PATH}/test");
    ada.post(&test, json!({})).await.expect_error(409, "NO_SLACK_WEBHOOK");
    set_preferences(&ada, json!({"usage_alerts": "none"})).await;
    let sent = ada.post(&test, json!({})).await.expect(200);
    assert_eq!(sent.json(), json!({"sent": true}));
    assert_eq!((sent.cost().trips, sent.cost().calls), (2, 3));
    let zone = Timezone::parse("Europe/Berlin").unwrap();
    let at = Timestamp::from_seconds(app.now().await).to_display(&zone);
    let account = format!("{}/account", app.url());
    let expected = format!(
        "*Test message:* this webhook works\nSent from your AIUS account, {at}\n\
         <{account}/notifications|Change your notification settings>"
    );
    assert_eq!(slack_messages_to(&app, &ada).await, [expected]);
    assert!(app.items("SLACK#", "").await.is_empty(), "nothing is queued");
}

#[tokio::test]
async fn a_test_message_says_what_slack_answered() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    set_preferences(&ada, json!({"usage_alerts": "none"})).await;
    let test = format!("{PATH}/test");
    for (status, expected) in [(404, (409, "SLACK_REFUSED")), (503, (503, "UNAVAILABLE"))] {
        let next = json!({"status": status, "times": 1});
        app.visitor().post("/local/slack/next", next).await.expect(200);
        let refused = ada.post(&test, json!({})).await.expect_error(expected.0, expected.1);
        assert_eq!(refused.text.contains("Slack answered 404"), status == 404, "{}", refused.text);
        assert!(!refused.text.contains("hooks.slack.com"), "{}", refused.text);
    }
    let limit = usize::try_from(SLACK_TEST_THROTTLE.limit).unwrap();
    let mut sent = 2;
    while ada.post(&test, json!({})).await.status == 200 {
        sent += 1;
    }
    assert_eq!(sent, limit);
    ada.post(&test, json!({})).await.expect_error(429, "RATE_LIMITED");
    // Another user has a limit of their own.
    let bob = app.sign_up("bob").await;
    bob.post(&test, json!({})).await.expect_error(409, "NO_SLACK_WEBHOOK");
}

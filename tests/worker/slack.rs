//! Slack messages: retries, the permitted destination, and the secrecy of the webhook.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use axum::response::Response;
use local::{StackEvent, StackOptions};
use serde_json::{Value, json};
use shared::organizations::Role;
use tests::notifications::{
    count_dead_letters, create_project_fixture, run_mails, set_preferences, slack_messages,
    slack_messages_to, webhook_path,
};
use tests::runs::send_start;
use tests::test_server::serve;
use tests::{Person, TestApp};
use tokio::sync::{Mutex, Semaphore, mpsc};

/// Makes the local Slack fail the next requests.
async fn fail_next(app: &TestApp, status: u16, times: u32) {
    let next = json!({"status": status, "times": times});
    let reply = app.visitor().post("/local/slack/next", next.clone()).await.expect(200);
    assert_eq!(reply.json(), next);
}

/// Starts and fails a run.
async fn fail_a_run(person: &Person, project: &str, name: &str) {
    let failed_run = json!({"kind": "manual", "name": name, "status": "failed"});
    send_start(person, project, failed_run).await.expect(200);
}

/// Waits until a number of messages has been posted.
async fn wait_for_messages(app: &TestApp, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let messages = slack_messages(app).await;
        if messages.len() >= count {
            return messages;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not {count} messages, but {:?}", slack_messages(app).await);
}

#[tokio::test]
async fn a_message_is_retried_and_posted_once() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    for status in [429, 500, 503, 302] {
        app.visitor().send(reqwest::Method::DELETE, "/local/slack", None).await.expect(200);
        fail_next(&app, status, 3).await;
        fail_a_run(&ada, &project, "first").await;
        // Mail is not delayed by the failing Slack.
        let mails = run_mails(&app, &ada).await;
        assert_eq!(mails[0]["subject"], "Run failed: first", "{status}");
        fail_a_run(&ada, &project, "second").await;
        let messages = wait_for_messages(&app, 2).await;
        let mails = run_mails(&app, &ada).await;
        assert_eq!(mails[0]["subject"], "Run failed: second", "{status}");
        let texts: Vec<_> =
            messages.iter().map(|message| message["text"].as_str().unwrap()).collect();
        assert!(texts[0].contains("second") && texts[1].contains("first"), "in order: {texts:?}");
        app.advance_clock(60).await;
        assert_eq!(slack_messages(&app).await.len(), 2, "{status}: once");
        assert!(app.items("SLACK#", "").await.is_empty());
    }
    assert_eq!(count_dead_letters(&app).await, 0);
}

/// A Slack that does not answer delays neither mail nor jobs, only later messages to the same person.
#[tokio::test]
async fn a_slow_slack_delays_no_mail() {
    let (calls, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let slack_url = start_slow_server(&calls, &gate).await;
    let (sent, mut mails) = mpsc::unbounded_channel();
    let event_listener = Arc::new(move |event: StackEvent<'_>| {
        if let StackEvent::Mail { to, subject } = event
            && subject.starts_with("Run ")
        {
            // Sending fails only after the test.
            let _ = sent.send(to[0].clone());
        }
    });
    let slack_url = Some(slack_url);
    let options = StackOptions { slack_url, event_listener, ..StackOptions::default() };
    let app = TestApp::start_with_options(options).await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    set_preferences(&bob, json!({"test_failures": "slack"})).await;
    for name in ["first", "second", "third"] {
        fail_a_run(&ada, &project, name).await;
        let mail = tokio::time::timeout(Duration::from_secs(1), mails.recv()).await;
        assert_eq!(mail.expect("the mail waits for Slack").unwrap(), ada.email, "{name}");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1, "the first message, and none behind it");
    gate.close();
    app.wait_for_worker().await;
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    assert!(app.items("SLACK#", "").await.is_empty());
}

/// Starts a server that counts requests, and answers once the gate is closed.
async fn start_slow_server(calls: &Arc<AtomicUsize>, gate: &Arc<Semaphore>) -> String {
    async fn take(State((calls, gate)): State<(Arc<AtomicUsize>, Arc<Semaphore>)>) -> &'static str {
        calls.fetch_add(1, Ordering::Relaxed);
        // An error tells that the gate is closed.
        let _ = gate.acquire().await;
        "ok"
    }
    serve(Router::new().fallback(take).with_state((calls.clone(), gate.clone()))).await
}

/// An outage of Slack holds up later messages to the same person for a minute at most.
#[tokio::test]
async fn a_message_that_fails_for_a_minute_becomes_a_dead_letter() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    fail_next(&app, 503, 1_000).await;
    fail_a_run(&ada, &project, "first").await;
    app.wait_for_worker().await;
    assert_eq!(count_dead_letters(&app).await, 0);
    app.advance_clock(60).await;
    // The worker's retry delays do not follow the clock of the stack.
    for _ in 0..200 {
        if count_dead_letters(&app).await == 1 {
            assert_eq!(
                app.items("SLACK#", "").await.len(),
                1,
                "the row stays for an investigation"
            );
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the message is still retried");
}

#[tokio::test]
async fn a_permanently_refused_message_is_dropped() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    for status in [400, 403, 404, 410] {
        fail_next(&app, status, 1).await;
        fail_a_run(&ada, &project, "refused").await;
        assert!(slack_messages(&app).await.is_empty(), "{status}");
        assert!(app.items("SLACK#", "").await.is_empty(), "{status}");
    }
    fail_a_run(&ada, &project, "taken").await;
    assert_eq!(slack_messages_to(&app, &ada).await.len(), 1);
    assert_eq!(count_dead_letters(&app).await, 0);
}

/// Changing or removing a webhook, or deleting its owner's account, also affects messages that wait.
#[tokio::test]
async fn a_waiting_message_uses_the_current_webhook() {
    let app = TestApp::start().await;
    let (ada, client, project) = create_project_fixture(&app).await;
    let eve = app.sign_up("eve").await;
    app.add_member(&client, &eve, Role::Member).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    set_preferences(&eve, json!({"test_failures": "slack"})).await;
    fail_next(&app, 503, 1_000).await;
    fail_a_run(&ada, &project, "waits").await;
    assert!(slack_messages(&app).await.is_empty());
    let moved = "https://hooks.slack.com/services/T0NEW/B0NEW/another";
    set_preferences(&ada, json!({"slack_webhook_url": moved})).await;
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    eve.delete("/v1/me", body).await.expect(200);
    fail_next(&app, 503, 0).await;
    let messages = wait_for_messages(&app, 1).await;
    assert_eq!(messages[0]["path"], "/services/T0NEW/B0NEW/another");
    for _ in 0..100 {
        if app.items("SLACK#", "").await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(app.items("SLACK#", "").await.is_empty());
    // Without a webhook the message is dropped.
    fail_next(&app, 503, 1_000).await;
    fail_a_run(&ada, &project, "lost").await;
    slack_messages(&app).await;
    set_preferences(&ada, json!({"test_failures": "none", "slack_webhook_url": null})).await;
    fail_next(&app, 503, 0).await;
    for _ in 0..100 {
        if app.items("SLACK#", "").await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(app.items("SLACK#", "").await.is_empty());
    assert_eq!(slack_messages(&app).await.len(), 1);
}

type Calls = Arc<Mutex<Vec<(String, String)>>>;

/// Starts a server that records requests and answers with a redirect to itself.
async fn start_redirecting_server(answer: StatusCode) -> (String, Calls) {
    async fn take(
        State((calls, answer)): State<(Calls, StatusCode)>,
        uri: Uri,
        body: String,
    ) -> Response {
        calls.lock().await.push((uri.to_string(), body));
        (answer, [("location", "/elsewhere")], "x".repeat(1_000_000)).into_response()
    }
    let calls = Calls::default();
    let url = serve(Router::new().fallback(take).with_state((calls.clone(), answer))).await;
    (url, calls)
}

/// Messages go only to the configured host, with the path of the stored webhook, and redirects are
/// not followed.
#[tokio::test]
async fn the_host_is_pinned_and_no_redirect_is_followed() {
    let (url, calls) = start_redirecting_server(StatusCode::TEMPORARY_REDIRECT).await;
    let slack_url = Some(format!("{url}/below"));
    let app =
        TestApp::start_with_options(StackOptions { slack_url, ..StackOptions::default() }).await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    fail_a_run(&ada, &project, "x").await;
    slack_messages(&app).await;
    let calls = calls.lock().await;
    assert!(!calls.is_empty());
    for (uri, body) in calls.iter() {
        assert_eq!(*uri, format!("/below{}", webhook_path(&ada)));
        let body: Value = serde_json::from_str(body).unwrap();
        let mut fields: Vec<_> = body.as_object().unwrap().keys().collect();
        fields.sort_unstable();
        assert_eq!(fields, ["blocks", "text", "unfurl_links", "unfurl_media"]);
    }
}

#[tokio::test]
async fn plain_secrets_a_waiting_message_is_sealed() {
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "slack"})).await;
    fail_next(&app, 503, 1_000).await;
    let failed_run = json!({
        "kind": "manual", "name": "secret-name", "status": "failed", "summary": "secret-summary",
    });
    send_start(&ada, &project, failed_run).await.expect(200);
    slack_messages(&app).await;
    let waiting = app.items("SLACK#", "").await;
    assert_eq!(waiting.len(), 1);
    let text = waiting[0].to_string();
    let user = ada.id().await.to_string();
    for part in ["secret-", "hooks.slack", "services/T", "B02GHIJKL", &user, "ada"] {
        assert!(!text.contains(part), "the row holds {part}: {text}");
    }
    assert!(waiting[0]["ttl"]["N"].is_string());
}

#[tokio::test]
async fn the_simulator_refuses_invalid_requests() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let path = "/local/slack/services/T1/B1/x";
    for (path, body, status, word) in [
        (path, json!({"text": "hello"}), 200, "ok"),
        (path, json!({"text": ""}), 400, "no_text"),
        (path, json!({"text": "x", "blocks": "x"}), 400, "invalid_blocks"),
        (path, json!({"text": "x", "blocks": [{"type": "section"}]}), 400, "invalid_blocks"),
        (path, json!(["hello"]), 400, "invalid_payload"),
        ("/local/slack/services/T1/B1", json!({"text": "x"}), 404, "no_service"),
        ("/local/slack/services/X1/B1/x", json!({"text": "x"}), 404, "no_service"),
    ] {
        let reply = visitor.post(path, body).await;
        assert_eq!((reply.status, reply.text.as_str()), (status, word), "{path}");
    }
    for bad in [json!({"status": 200, "times": 1}), json!({"status": 500}), json!({})] {
        visitor.post("/local/slack/next", bad).await.expect(400);
    }
    assert_eq!(slack_messages(&app).await.len(), 1);
    let deleted = visitor.send(reqwest::Method::DELETE, "/local/slack", None).await.expect(200);
    assert_eq!(deleted.json(), json!({"deleted": 1}));
}

//! Messages to Slack: that they wait for it, where they may go, and that nobody sees where that is.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use local::Options;
use serde_json::{Value, json};
use shared::organizations::Role;
use tests::{Person, TestApp};
use tokio::sync::Mutex;

use crate::routes::runs::send_start;
use crate::worker::notices::{dead_letters, mailed, path_of, posted, posted_to, prefer, setting};

async fn fail_next(app: &TestApp, status: u16, times: u32) {
    let next = json!({"status": status, "times": times});
    let reply = app.visitor().post("/local/slack/next", next.clone()).await.expect(200);
    assert_eq!(reply.json(), next);
}

async fn fail_a_run(person: &Person, project: &str, name: &str) {
    let over = json!({"kind": "manual", "name": name, "status": "failed"});
    send_start(person, project, over).await.expect(200);
}

/// Waits until so many messages have been posted.
async fn until_posted(app: &TestApp, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let messages = posted(app).await;
        if messages.len() >= count {
            return messages;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not {count} messages, but {:?}", posted(app).await);
}

#[tokio::test]
async fn a_message_waits_for_slack_and_arrives_once() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let bob = app.sign_up("bob").await;
    app.add_member(&client, &bob, Role::Member).await;
    prefer(&bob, json!({"test_failures": "slack"})).await;
    for status in [429, 500, 503, 302] {
        app.visitor().send(reqwest::Method::DELETE, "/local/slack", None).await.expect(200);
        fail_next(&app, status, 3).await;
        for name in ["first", "second"] {
            fail_a_run(&ada, &project, name).await;
        }
        // Mail doesn't wait for it.
        let mails = mailed(&app, &ada).await;
        assert_eq!(mails[0]["subject"], "Run failed: second", "{status}");
        let messages = until_posted(&app, 2).await;
        let texts: Vec<_> =
            messages.iter().map(|message| message["text"].as_str().unwrap()).collect();
        assert!(texts[0].contains("second") && texts[1].contains("first"), "in order: {texts:?}");
        app.advance_clock(60).await;
        assert_eq!(posted(&app).await.len(), 2, "{status}: once");
        assert!(app.items("SLACK#", "").await.is_empty());
    }
    assert_eq!(dead_letters(&app).await, 0);
}

#[tokio::test]
async fn what_slack_refuses_for_good_is_dropped() {
    let app = TestApp::start().await;
    let (ada, _, project) = setting(&app).await;
    prefer(&ada, json!({"test_failures": "slack"})).await;
    for status in [400, 403, 404, 410] {
        fail_next(&app, status, 1).await;
        fail_a_run(&ada, &project, "refused").await;
        assert!(posted(&app).await.is_empty(), "{status}");
        assert!(app.items("SLACK#", "").await.is_empty(), "{status}");
    }
    fail_a_run(&ada, &project, "taken").await;
    assert_eq!(posted_to(&app, &ada).await.len(), 1);
    assert_eq!(dead_letters(&app).await, 0);
}

/// A webhook that was changed, removed, or whose owner leaves, counts at once, for what waits already as well.
#[tokio::test]
async fn a_message_goes_where_it_is_to_go_now() {
    let app = TestApp::start().await;
    let (ada, client, project) = setting(&app).await;
    let eve = app.sign_up("eve").await;
    app.add_member(&client, &eve, Role::Member).await;
    prefer(&ada, json!({"test_failures": "slack"})).await;
    prefer(&eve, json!({"test_failures": "slack"})).await;
    fail_next(&app, 503, 1_000).await;
    fail_a_run(&ada, &project, "waits").await;
    assert!(posted(&app).await.is_empty());
    let moved = "https://hooks.slack.com/services/T0NEW/B0NEW/another";
    prefer(&ada, json!({"slack_webhook_url": moved})).await;
    let body = json!({"password": tests::PASSWORD, "confirm": "DELETE"});
    eve.delete("/v1/me", body).await.expect(200);
    fail_next(&app, 503, 0).await;
    let messages = until_posted(&app, 1).await;
    assert_eq!(messages[0]["path"], "/services/T0NEW/B0NEW/another");
    for _ in 0..100 {
        if app.items("SLACK#", "").await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(app.items("SLACK#", "").await.is_empty());
    // No webhook: it has nowhere to go.
    fail_next(&app, 503, 1_000).await;
    fail_a_run(&ada, &project, "lost").await;
    posted(&app).await;
    prefer(&ada, json!({"test_failures": "none", "slack_webhook_url": null})).await;
    fail_next(&app, 503, 0).await;
    for _ in 0..100 {
        if app.items("SLACK#", "").await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(app.items("SLACK#", "").await.is_empty());
    assert_eq!(posted(&app).await.len(), 1);
}

type Calls = Arc<Mutex<Vec<(String, String)>>>;

/// A server that is asked for anything: it keeps what was asked, and sends people to itself.
async fn listener(answer: StatusCode) -> (String, Calls) {
    async fn take(
        State((calls, answer)): State<(Calls, StatusCode)>,
        uri: Uri,
        body: String,
    ) -> Response {
        calls.lock().await.push((uri.to_string(), body));
        (answer, [("location", "/elsewhere")], "x".repeat(1_000_000)).into_response()
    }
    let calls = Calls::default();
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let router = Router::new().fallback(take).with_state((calls.clone(), answer));
    tokio::spawn(async move { axum::serve(socket, router).await });
    (url, calls)
}

/// Wherever a stored webhook says that it is, messages go to the one host, by its path alone; and they
/// follow nobody from there.
#[tokio::test]
async fn the_host_is_pinned_and_no_redirect_is_followed() {
    let (url, calls) = listener(StatusCode::TEMPORARY_REDIRECT).await;
    let slack_url = Some(format!("{url}/below"));
    let app = TestApp::start_with_options(Options { slack_url, ..Options::default() }).await;
    let (ada, _, project) = setting(&app).await;
    prefer(&ada, json!({"test_failures": "slack"})).await;
    fail_a_run(&ada, &project, "x").await;
    posted(&app).await;
    let calls = calls.lock().await;
    assert!(!calls.is_empty());
    for (asked, body) in calls.iter() {
        assert_eq!(*asked, format!("/below{}", path_of(&ada)));
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["text"]);
    }
}

#[tokio::test]
async fn plain_secrets_a_waiting_message_shows_nothing() {
    let app = TestApp::start().await;
    let (ada, _, project) = setting(&app).await;
    prefer(&ada, json!({"test_failures": "slack"})).await;
    fail_next(&app, 503, 1_000).await;
    let over = json!({
        "kind": "manual", "name": "secret-name", "status": "failed", "summary": "secret-summary",
    });
    send_start(&ada, &project, over).await.expect(200);
    posted(&app).await;
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
async fn the_simulator_refuses_what_slack_refuses() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let path = "/local/slack/services/T1/B1/x";
    for (path, body, status, word) in [
        (path, json!({"text": "hello"}), 200, "ok"),
        (path, json!({"text": ""}), 400, "no_text"),
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
    assert_eq!(posted(&app).await.len(), 1);
    let deleted = visitor.send(reqwest::Method::DELETE, "/local/slack", None).await.expect(200);
    assert_eq!(deleted.json(), json!({"deleted": 1}));
}

//! Messages to [emulate](https://www.npmjs.com/package/emulate), an independent Slack simulator at
//! `SLACK_URL`.
//!
//! Each test posts unique names, so several runs can share one simulator.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use std::time::Duration;

use local::StackOptions;
use reqwest::Method;
use serde_json::{Value, json};
use shared::dynamo::Condition;
use shared::ids::ProjectId;
use shared::projects::Project;
use shared::random::{Random, SystemRandom};
use shared::values::Name;
use tests::{TestApp, service_url};

/// The simulator's initial webhook, which posts to `CHANNEL`.
const WEBHOOK: &str = "https://hooks.slack.com/services/T000000001/B000000001/X000000001";
const CHANNEL: &str = "C000000001";

/// Lists the texts in the channel, the newest first.
async fn list_messages(url: &str) -> Vec<String> {
    let ask = reqwest::Client::new().post(format!("{url}/api/conversations.history"));
    let ask = ask.bearer_auth("test_token_admin").json(&json!({"channel": CHANNEL, "limit": 200}));
    let answer: Value = ask.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    let messages = answer["messages"].as_array().unwrap().iter();
    messages.map(|message| message["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn run_notifications_arrive_as_formatted() {
    let url = service_url("SLACK_URL");
    let slack_url = Some(url.clone());
    let app =
        TestApp::start_with_options(StackOptions { slack_url, ..StackOptions::default() }).await;
    let ada = app.sign_up("ada").await;
    let preferences = json!({"test_failures": "slack", "slack_webhook_url": WEBHOOK});
    let path = "/v1/me/notifications";
    ada.visitor.send_json(Method::PUT, path, &preferences).await.expect(200);
    let (ctx, client) = (app.stack().context(), ada.default_client().await);
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &client.parse().unwrap());
    let project = Project::new(id, Name::parse("Łódź & more").unwrap(), None, ctx.now());
    assert!(ctx.table.put(&project, Condition::Absent).await.unwrap());
    let own = (&SystemRandom as &dyn Random).identifier();
    for number in 1..=3 {
        let run = json!({
            "kind": "manual", "name": format!("<run> {own} {number}"), "status": "failed",
            "summary": "3 of 40 failed:\n<!channel> ✗",
        });
        ada.post(&format!("/v1/projects/{}/runs", project.id), run).await.expect(200);
    }
    let mut ours = Vec::new();
    for _ in 0..100 {
        ours = list_messages(&url).await.into_iter().filter(|text| text.contains(&own)).collect();
        if ours.len() >= 3 && app.items("SLACK#", "").await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(ours.len(), 3, "{ours:?}");
    // The order of the messages is not defined.
    for number in 1..=3 {
        let begins = format!("*Run failed:* &lt;run&gt; {own} {number}\nŁódź &amp; more, ada, ");
        let Some(text) = ours.iter().find(|text| text.starts_with(&begins)) else {
            panic!("not told of run {number}: {ours:?}");
        };
        assert!(text.contains("\n> 3 of 40 failed:\n> &lt;!channel&gt; ✗\n<"), "{text}");
    }
    let dead = app.visitor().get("/local/dead-letters").await.expect(200);
    assert_eq!(dead.json(), json!({"data": []}));
}

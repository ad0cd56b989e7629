//! The log contains no secrets and no personal data.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing
#![allow(clippy::too_many_lines)] // a scenario reads best from top to bottom

use std::io::Write;
use std::sync::{Arc, Mutex};

use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::dynamo::Condition;
use shared::ids::ProjectId;
use shared::mail::LinkedPage;
use shared::projects::Project;
use shared::values::Name;
use tests::{GoogleSignIn, PASSWORD, TestApp};
use tracing::instrument::WithSubscriber;
use worker::Worker;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Returns everything that was logged.
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Each log line of a worker invocation has the request id, also lines that library crates log.
#[tokio::test]
async fn lines_of_the_worker_have_the_request_id() {
    let app = TestApp::start().await;
    let stack = app.stack();
    let (ctx, clients) = (stack.context().clone(), stack.clients().clone());
    let worker = Worker::new(ctx, clients, stack.blobs().clone());
    for (schedule, messages) in [
        ("hourly", &["unfinished jobs", "abandoned uploads removed"][..]),
        ("daily", &["due accounts erased"]),
    ] {
        let log = Log::default();
        let writer = log.clone();
        let filter = shared::telemetry::filter("info");
        let subscriber = shared::telemetry::subscriber(move || writer.clone(), &filter);
        let event = serde_json::from_value(json!({"schedule": schedule})).unwrap();
        let mut invocation = LambdaEvent::new(event, lambda_runtime::Context::default());
        invocation.context.request_id = format!("request-of-{schedule}");
        let handled = async {
            let result = worker.handle(invocation).await;
            tracing::error!("outside");
            result
        };
        handled.with_subscriber(subscriber).await.unwrap();
        let text = log.text();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for message in messages {
            assert!(lines.iter().any(|line| line["message"] == *message), "{message}: {text}");
        }
        for line in lines {
            let id = json!(format!("request-of-{schedule}"));
            let expected = if line["message"] == "outside" { &Value::Null } else { &id };
            assert_eq!(&line["request_id"], expected, "{line}");
        }
    }
}

#[tokio::test]
async fn no_secret_or_personal_data_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    // The most verbose level that a deployment can set.
    let filter = shared::telemetry::filter("trace");
    let subscriber = shared::telemetry::subscriber(move || writer.clone(), &filter);
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let app = TestApp::start().await;
    let name = "Ada-Name-In-No-Log";
    let visitor = app.visitor().with_header("user-agent", "agent-in-no-log/1.0");
    let body = json!({"email": "ada@example.com", "name": name, "password": PASSWORD});
    let keyed = visitor.clone().with_header("idempotency-key", "key-in-no-log");
    keyed.post("/v1/register", body.clone()).await.expect(200);
    let first_code = app.code("ada@example.com").await;
    visitor.post("/v1/verify-email", json!({"email": "ada@example.com", "code": "AAAAAA"})).await;
    app.advance_clock(61).await;
    let address = json!({"email": "ada@example.com"});
    visitor.post("/v1/verify-email/resend", address).await.expect(200);
    let code = app.code("ada@example.com").await;
    let verify = json!({"email": "ada@example.com", "code": code});
    let signed_in = visitor.post("/v1/verify-email", verify).await.expect(200);
    let session = signed_in.json()["session_token"].as_str().unwrap().to_owned();
    visitor.post("/v1/register", body).await.expect(409);
    let wrong = json!({"email": "ada@example.com", "password": "wrong-pass-in-no-log-1"});
    visitor.post("/v1/login", wrong).await.expect(401);
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    visitor.post("/v1/login", right).await.expect(200);
    let token = format!("aius_{}", "tokeninnolog".repeat(4));
    visitor.clone().with_bearer(&token).get("/v1/me").await.expect(401);
    visitor.get("/v1/nothing/ada@example.com?code=query-in-no-log").await.expect(404);
    for page in LinkedPage::ALL {
        visitor.get(&format!("{}?token=link-in-no-log", page.path())).await;
    }
    visitor.post_raw("/v1/login", "application/json", "{\"password\":\"json-in-no-log").await;
    visitor.post("/v1/login", json!({"email": 1, "password": "typed-in-no-log"})).await.expect(400);
    let ada = visitor.clone().with_session(&session);
    ada.get("/v1/me").await.expect(200);
    ada.get("/v1/clients?cursor=cursor-in-no-log").await.expect(400);
    let change = json!({"current_password": PASSWORD, "new_password": "changed-in-no-log-1"});
    ada.post("/v1/me/password", change).await.expect(200);
    let address = json!({"email": "ada@example.com"});
    visitor.post("/v1/password/forgot", address).await.expect(200);
    let reset_code = app.code("ada@example.com").await;
    let new_password = "reset-in-no-log-1";
    let reset =
        json!({"email": "ada@example.com", "code": reset_code, "new_password": new_password});
    ada.get("/v1/me/sessions").await.expect(200);
    let webhook = "https://hooks.slack.com/services/Tinnolog/Binnolog/webhook-in-no-log";
    for (url, status) in [(webhook.to_owned(), 200), (format!("{webhook}?"), 400)] {
        let body = json!({"slack_webhook_url": url}).to_string().into_bytes();
        let body = Some(("application/json", body));
        let reply = ada.send(reqwest::Method::PUT, "/v1/me/notifications", body).await;
        reply.expect(status);
    }
    // The service posts to the webhook, first with a temporary failure and then with a permanent one.
    let client = ada.get("/v1/clients").await.expect(200).json();
    let client = client["data"][0]["id"].as_str().unwrap().parse().unwrap();
    let ctx = app.stack().context();
    let id = ProjectId::generate(&*ctx.random, ctx.now(), &client);
    let project = Project::new(id, Name::parse("project-in-no-log").unwrap(), None, ctx.now());
    assert!(ctx.table.put(&project, Condition::Absent).await.unwrap());
    let body = json!({"test_failures": "slack"}).to_string().into_bytes();
    let body = Some(("application/json", body));
    ada.send(reqwest::Method::PUT, "/v1/me/notifications", body).await.expect(200);
    for status in [503, 404] {
        let next = json!({"status": status, "times": 1});
        visitor.post("/local/slack/next", next).await.expect(200);
        let run = json!({
            "kind": "scheduled", "name": "run-in-no-log", "status": "failed",
            "summary": "summary-in-no-log",
        });
        ada.post(&format!("/v1/projects/{}/runs", project.id), run).await.expect(200);
        visitor.get("/local/slack").await.expect(200);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    visitor.get("/local/slack").await.expect(200);
    ada.post("/v1/logout", json!({})).await.expect(200);
    visitor.post("/v1/password/reset", reset).await.expect(200);

    app.create_google_account("ada@example.com", true).await;
    let there = GoogleSignIn::begin(&visitor, None, "login_hint=ada@example.com").await;
    let google_code = there.consent().await;
    let google_code = google_code.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let state = there.parameter("state").unwrap();
    let back = format!("/v1/auth/google/callback?code={google_code}&state={state}");
    there.follow_callback(&back).await.expect(302);
    there.follow_callback(&back).await.expect(401);
    app.alter_next_google_token(json!({"nonce": "nonce-in-no-log"})).await;
    app.sign_in_with_google(&visitor, "ada@example.com").await.expect(401);

    let text = log.text();
    assert!(text.contains("an ID token was refused"));
    let requests = text.lines().filter(|line| line.contains("\"message\":\"request\"")).count();
    assert!(requests >= 14, "the test listens: {requests} requests logged");
    assert!(text.contains("mail sent"), "the worker logs too");
    for event in ["message posted", "Slack answered 503", "a message was refused for good"] {
        assert!(text.contains(event), "{event}");
    }
    assert!(text.contains("\"route\":\"/v1/register\""));
    let signature = session.rsplit('.').next().unwrap();
    let ids = signed_in.json()["user"]["id"].as_str().unwrap().to_owned();
    for (what, secret) in [
        ("address", "ada@example.com"),
        ("address's name", "ada@"),
        ("name", name),
        ("password", PASSWORD),
        ("wrong password", "wrong-pass-in-no-log"),
        ("code", &first_code),
        ("code", &code),
        ("reset code", &reset_code),
        ("session", &session),
        ("signature", signature),
        ("token", "tokeninnolog"),
        ("account at Google", "sub-ada"),
        ("code of Google", google_code),
        ("state", &state),
        ("sign-in's cookie", &there.flow),
        ("anything marked", "in-no-log"),
        ("network address", "127.0."),
        ("user's id", &ids),
    ] {
        let line = text.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert!(line.is_none(), "the log holds the {what}: {line:?}");
    }
}

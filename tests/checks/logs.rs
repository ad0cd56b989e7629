//! The log contains no secrets and no personal data.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing
#![allow(clippy::too_many_lines)] // a scenario reads best from top to bottom

use std::collections::BTreeMap;

use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::dynamo::Condition;
use shared::ids::ProjectId;
use shared::jobs::Job;
use shared::keys;
use shared::mail::LinkedPage;
use shared::projects::Project;
use shared::values::Name;
use tests::metrics_record::{RecordedMetric, recorded_metrics};
use tests::notifications::{create_project_fixture, run_mails, set_preferences};
use tests::runs::{finish_run, start_run};
use tests::time::DAY;
use tests::{CapturedLog, GoogleSignIn, PASSWORD, TestApp};
use tracing::instrument::WithSubscriber;
use worker::Worker;

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
        let log = CapturedLog::default();
        let event = serde_json::from_value(json!({"schedule": schedule})).unwrap();
        let mut invocation = LambdaEvent::new(event, lambda_runtime::Context::default());
        invocation.context.request_id = format!("request-of-{schedule}");
        let handled = async {
            let result = worker.handle(invocation).await;
            tracing::error!("outside");
            result
        };
        handled.with_subscriber(log.subscriber("info")).await.unwrap();
        let lines = log.lines();
        for message in messages {
            assert!(lines.iter().any(|line| line["message"] == *message), "{message}: {lines:?}");
        }
        for line in lines {
            let id = json!(format!("request-of-{schedule}"));
            let expected = if line["message"] == "outside" { &Value::Null } else { &id };
            assert_eq!(&line["request_id"], expected, "{line}");
        }
    }
}

/// A request, the job that it enqueues and the mail that the job queues have one id in the log.
#[tokio::test]
async fn lines_of_the_worker_name_the_request_that_caused_them() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let app = TestApp::start().await;
    let (ada, _, project) = create_project_fixture(&app).await;
    set_preferences(&ada, json!({"test_failures": "email"})).await;
    let run = start_run(&ada, &project, "manual").await;
    app.wait_for_worker().await;
    log.take_lines();
    let ended = finish_run(&ada, &run, json!({"status": "failed"})).await.expect(200);
    let id = ended.header("x-request-id").unwrap();
    assert_eq!(run_mails(&app, &ada).await.len(), 1);
    let lines = log.take_lines();
    let line = |message: &str| {
        let found = lines.iter().find(|line| line["message"] == message);
        found.unwrap_or_else(|| panic!("no {message}: {lines:?}"))
    };
    assert_eq!(line("request")["request_id"], id);
    assert_eq!(line("mail sent")["cause_request_id"], id);
    assert!(line("mail sent")["message_id"].is_string());
}

/// A job that a schedule enqueues names the invocation by the schedule.
#[tokio::test]
async fn the_job_of_a_schedule_names_its_cause() {
    let app = TestApp::start().await;
    // The comparison with Stripe cannot end, so its job stays.
    app.control_stripe("faults", json!({"next": 1_000, "status": 500})).await;
    app.advance_clock(DAY).await;
    let jobs = app.items(keys::JOBS, Job::COMPARE_WITH_STRIPE).await;
    assert_eq!(jobs.len(), 1);
    assert!(jobs[0]["request_id"]["S"].as_str().is_some_and(|id| !id.is_empty()), "{jobs:?}");
}

/// Checks the lines of requests: each is a record of metrics, whose dimensions name functions and patterns of routes.
fn check_requests(text: &str) {
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<_> = lines.filter(|line| line["message"] == "request").collect();
    let functions = local::function_binaries().unwrap();
    let (mut cold_starts, mut refused) = (BTreeMap::new(), 0.0);
    for line in &lines {
        assert!(line["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
        assert!(line["trace_id"].as_str().is_some_and(|id| id.starts_with("1-")), "{line}");
        let metrics = recorded_metrics(line);
        for RecordedMetric { namespace, dimensions, .. } in &metrics {
            assert_eq!(namespace, "local");
            let names: Vec<_> = dimensions.iter().map(|(name, _)| name.as_str()).collect();
            assert!([&["service"][..], &["service", "route"]].contains(&&names[..]), "{names:?}");
            let service = dimensions[0].1.as_str();
            assert!(functions.contains(&service), "{service}");
            let segments = dimensions[1..].iter().flat_map(|(_, route)| route.split('/'));
            for segment in segments {
                let is_literal = |segment: &str| {
                    segment.len() < 20
                        && segment
                            .bytes()
                            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
                };
                assert!(segment.starts_with('{') || is_literal(segment), "{line}");
            }
        }
        let of_function = |name: &str| {
            let found = metrics.iter().find(|m| m.name == name && m.dimensions.len() == 1);
            found.unwrap_or_else(|| panic!("{name} in {line}")).value
        };
        assert!(of_function("milliseconds") >= 0.0);
        let classes = ["status_2xx", "status_4xx", "status_5xx"].map(of_function);
        let status = line["status"].as_u64().unwrap();
        let expected = [2, 4, 5].map(|class| if status / 100 == class { 1.0 } else { 0.0 });
        assert_eq!(classes, expected, "{line}");
        refused += of_function("status_4xx");
        *cold_starts.entry(line["service"].to_string()).or_insert(0.0) += of_function("cold_start");
        assert!(of_function("conflicts") >= 0.0, "{line}");
    }
    assert!(refused >= 5.0, "{refused}");
    assert!(
        cold_starts.len() >= 4 && cold_starts.values().all(|starts| *starts == 1.0),
        "{cold_starts:?}"
    );
    let reads = lines.iter().filter(|line| line["route"] == "/v1/me" && line["status"] == 200);
    assert!(reads.map(|line| line["dynamodb_rcu"].as_f64().unwrap()).all(|units| units > 0.0));
}

#[tokio::test]
async fn no_secret_or_personal_data_is_logged() {
    let log = CapturedLog::default();
    // The most verbose level that a deployment can set.
    tracing::subscriber::set_global_default(log.subscriber("trace")).unwrap();

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
    check_requests(&text);
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

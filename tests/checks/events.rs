//! Sends every file of `events/` through the adapter of its function, as `sam local invoke` does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Service as _};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::google::OpenIdProvider;
use shared::https::HttpsClient;
use tests::TestApp;
use tests::template::template;

/// Lists the files of `events/`.
fn event_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Returns the name of a file without its extension.
fn file_name(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Invokes a function's adapter with an event and returns the response.
async fn invoke(app: &TestApp, group: &str, event: &str) -> Value {
    let ctx = app.stack().context().clone();
    let blobs = app.stack().blobs().clone();
    let stripe = app.stack().clients().stripe.clone();
    let provider = OpenIdProvider::new(HttpsClient::default(), app.stack().google().issuer.clone());
    let service = match group {
        "auth" => shared::http::create_service(
            auth::routes(provider, app.stack().clients().slack.clone()),
            ctx,
        ),
        "clients" => shared::http::create_service(clients::routes(), ctx),
        "billing" => shared::http::create_service(billing::routes(stripe), ctx),
        "dashboard" => {
            let slack = Arc::new(app.stack().clients().slack.clone());
            let google = Arc::new(provider);
            let services = dashboard::Services { stripe, blobs, google, slack };
            shared::http::create_service(dashboard::routes(&ctx, services), ctx)
        }
        "projects" => shared::http::create_service(projects::routes(blobs), ctx),
        "passkeys" => shared::http::create_service(passkeys::routes(), ctx),
        "tokens" => shared::http::create_service(tokens::routes(), ctx),
        "webhooks" => shared::http::create_service(webhooks::routes(stripe), ctx),
        other => panic!("no such group: {other}"),
    };
    let event: LambdaRequest = serde_json::from_str(event).unwrap();
    let mut adapter = Adapter::from(service);
    let answer = adapter.call(LambdaEvent::new(event, lambda_runtime::Context::default())).await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[test]
fn every_function_has_an_event_file() {
    let names: Vec<_> = event_files().iter().map(|file| file_name(file)).collect();
    for group in local::function_binaries().unwrap() {
        assert!(names.iter().any(|name| name == group), "{group}");
    }
}

#[tokio::test]
async fn every_function_answers_its_event() {
    let app = TestApp::start().await;
    for file in event_files() {
        let (group, text) = (file_name(&file), std::fs::read_to_string(&file).unwrap());
        if group.starts_with("worker") || group == "admin" {
            continue;
        }
        let answer = invoke(&app, &group, &text).await;
        let status = answer["statusCode"].as_u64().unwrap();
        let expected = match group.as_str() {
            "auth" | "billing" | "dashboard" => 200,
            // The session in the event is invalid.
            "clients" | "passkeys" | "projects" | "tokens" => 401,
            // The signature in the event is invalid.
            "webhooks" => 400,
            other => panic!("what should {other}.json be answered?"),
        };
        assert_eq!(status, expected, "{group}: {answer}");
        let id = &answer["headers"]["x-request-id"];
        let event: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(id, &event["requestContext"]["requestId"], "{group}");
    }
}

/// The table does not have the account of the event.
#[tokio::test]
async fn the_admin_function_answers_its_event() {
    let app = TestApp::start().await;
    let file = event_files().into_iter().find(|file| file_name(file) == "admin").unwrap();
    let event = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let invocation = LambdaEvent::new(event, lambda_runtime::Context::default());
    let answer = admin::handle(app.stack().context(), invocation).await;
    assert_eq!(answer, json!({"error": {"code": "NOT_FOUND", "message": "Not found"}}));
}

/// Invokes the worker with the event of a file and returns the response.
async fn invoke_worker(app: &TestApp, event: &str) -> Value {
    let file = event_files().into_iter().find(|file| file_name(file) == event).unwrap();
    let event = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (ctx, clients) = (app.stack().context().clone(), app.stack().clients().clone());
    let blobs = app.stack().blobs().clone();
    let answer = worker::Worker::new(ctx, clients, blobs).invoke(event).await.unwrap();
    serde_json::to_value(answer).unwrap()
}

/// The table does not have the mail of the events, so it counts as delivered.
#[tokio::test]
async fn the_worker_accepts_its_event_and_its_message() {
    let app = TestApp::start().await;
    for event in ["worker", "worker-message"] {
        assert_eq!(invoke_worker(&app, event).await, json!({"batchItemFailures": []}), "{event}");
    }
}

/// The events are those that SES documents, for a mail of ours.
#[tokio::test]
async fn the_worker_reads_the_events_of_ses() {
    for (event, reason) in [("worker-bounce", "bounce"), ("worker-complaint", "complaint")] {
        let app = TestApp::start().await;
        assert_eq!(invoke_worker(&app, event).await, Value::Null);
        let [record] = &app.items("SUPPRESSED#", "META").await[..] else { panic!("not one") };
        assert_eq!(
            (&record["reason"]["S"], &record["sent_at"]["N"]),
            (&json!(reason), &json!("1773342238"))
        );
    }
}

/// The table does not have the organization of the event, so nothing is left to sweep.
#[tokio::test]
async fn the_worker_accepts_its_sweep_event() {
    let app = TestApp::start().await;
    assert_eq!(invoke_worker(&app, "worker-sweep").await, json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn the_worker_accepts_the_scheduled_events_of_the_template() {
    let app = TestApp::start().await;
    let template = template();
    let events = &template["Resources"]["WorkerFunction"]["Properties"]["Events"];
    for (schedule_name, rate, event_name) in [
        ("Daily", "rate(1 day)", "worker-daily"),
        ("Hourly", "rate(1 hour)", "worker-hourly"),
        ("Billing", "rate(1 day)", "worker-billing"),
    ] {
        assert_eq!(invoke_worker(&app, event_name).await, Value::Null);
        let schedule = &events[schedule_name]["Properties"];
        assert_eq!(schedule["Schedule"], rate);
        let input: Value = serde_json::from_str(schedule["Input"].as_str().unwrap()).unwrap();
        let file = event_files().into_iter().find(|file| file_name(file) == event_name).unwrap();
        let event: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(event, input);
    }
}

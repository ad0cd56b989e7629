//! Every file of `events/` goes through the adapter that it is for, as `sam local invoke` would
//! hand it over.

use std::path::{Path, PathBuf};

use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Service as _};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::google::Provider;
use tests::TestApp;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// What a function's adapter answers to an event.
async fn invoke(app: &TestApp, group: &str, event: &str) -> Value {
    let ctx = app.stack().context().clone();
    let blobs = app.stack().blobs().clone();
    let stripe = app.stack().clients().stripe.clone();
    let provider = Provider::new(app.stack().google().issuer.clone());
    let service = match group {
        "auth" => shared::http::service(auth::routes(provider), ctx),
        "clients" => shared::http::service(clients::routes(), ctx),
        "billing" => shared::http::service(billing::routes(stripe), ctx),
        "dashboard" => shared::http::service(dashboard::routes(), ()),
        "projects" => shared::http::service(projects::routes(blobs), ctx),
        "tokens" => shared::http::service(tokens::routes(), ctx),
        "webhooks" => shared::http::service(webhooks::routes(stripe), ctx),
        other => panic!("no such group: {other}"),
    };
    let event: LambdaRequest = serde_json::from_str(event).unwrap();
    let mut adapter = Adapter::from(service);
    let answer = adapter.call(LambdaEvent::new(event, lambda_runtime::Context::default())).await;
    serde_json::to_value(answer.unwrap()).unwrap()
}

#[test]
fn there_is_an_event_for_every_function() {
    let names: Vec<_> = files().iter().map(|file| name(file)).collect();
    for group in
        ["auth", "billing", "clients", "dashboard", "projects", "tokens", "webhooks", "worker"]
    {
        assert!(names.iter().any(|name| name == group), "{group}");
    }
}

#[tokio::test]
async fn every_event_is_answered_by_its_function() {
    let app = TestApp::start().await;
    for file in files() {
        let (group, text) = (name(&file), std::fs::read_to_string(&file).unwrap());
        if group.starts_with("worker") {
            continue;
        }
        let answer = invoke(&app, &group, &text).await;
        let status = answer["statusCode"].as_u64().unwrap();
        let expected = match group.as_str() {
            "auth" | "billing" | "dashboard" => 200,
            // The session in it is made up.
            "clients" | "projects" | "tokens" => 401,
            // So is the signature.
            "webhooks" => 400,
            other => panic!("what should {other}.json be answered?"),
        };
        assert_eq!(status, expected, "{group}: {answer}");
        let id = &answer["headers"]["x-request-id"];
        let event: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(id, &event["requestContext"]["requestId"], "{group}");
    }
}

/// What the worker answers to the event of that name.
async fn invoke_worker(app: &TestApp, event: &str) -> Value {
    let file = files().into_iter().find(|file| name(file) == event).unwrap();
    let event = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (ctx, clients) = (app.stack().context().clone(), app.stack().clients().clone());
    let blobs = app.stack().blobs().clone();
    let answer = worker::Worker::new(ctx, clients, blobs).invoke(event).await.unwrap();
    serde_json::to_value(answer).unwrap()
}

/// The mail in the event is none of this table's: it has been delivered, so there is nothing to do.
#[tokio::test]
async fn the_workers_event_is_taken() {
    let app = TestApp::start().await;
    assert_eq!(invoke_worker(&app, "worker").await, json!({"batchItemFailures": []}));
}

/// The organization in the event is none of this table's: nothing is left of it.
#[tokio::test]
async fn the_workers_event_of_a_sweep_is_taken() {
    let app = TestApp::start().await;
    assert_eq!(invoke_worker(&app, "worker-sweep").await, json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn the_workers_scheduled_events_are_the_templates_and_taken() {
    let app = TestApp::start().await;
    let template = include_str!("../../template.yaml");
    let template: serde_norway::Value = serde_norway::from_str(template).unwrap();
    let events = &template["Resources"]["WorkerFunction"]["Properties"]["Events"];
    for (name, rate, file_name) in
        [("Daily", "rate(1 day)", "worker-daily"), ("Hourly", "rate(1 hour)", "worker-hourly")]
    {
        assert_eq!(invoke_worker(&app, file_name).await, Value::Null);
        let schedule = &events[name]["Properties"];
        assert_eq!(schedule["Schedule"], rate);
        let input: Value = serde_json::from_str(schedule["Input"].as_str().unwrap()).unwrap();
        let file = files().into_iter().find(|file| self::name(file) == file_name).unwrap();
        let event: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(event, input);
    }
}

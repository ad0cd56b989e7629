//! The OpenAPI document is what the code says, and is served.
//!
//! After a change of the API: `UPDATE_OPENAPI=1 cargo test -p tests openapi`, and read the
//! difference.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tests::TestApp;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// The document of one group's routes.
fn document_of(group: &str) -> OpenApi {
    match group {
        "auth" => auth::router().into_openapi(),
        "billing" => billing::router().into_openapi(),
        "clients" => clients::router().into_openapi(),
        "dashboard" => dashboard::router().into_openapi(),
        "projects" => projects::router().into_openapi(),
        "tokens" => tokens::router().into_openapi(),
        "webhooks" => webhooks::router().into_openapi(),
        "worker" => OpenApi::default(),
        other => panic!("no such group: {other}"),
    }
}

const GROUPS: [&str; 8] =
    ["auth", "clients", "projects", "tokens", "billing", "webhooks", "worker", "dashboard"];

/// `post /v1/login` and so on, of one group.
pub(crate) fn operations_of(group: &str) -> Vec<String> {
    let document = serde_json::to_value(document_of(group)).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let routes = paths.iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(move |method| format!("{method} {path}"))
    });
    routes.collect()
}

/// The same of all groups.
pub(crate) fn operations() -> Vec<String> {
    GROUPS.iter().flat_map(|group| operations_of(group)).collect()
}

fn document() -> String {
    let mut document = shared::http::openapi::Frame::openapi();
    for group in GROUPS {
        document.merge(document_of(group));
    }
    document.to_pretty_json().unwrap() + "\n"
}

#[test]
fn the_committed_document_is_what_the_code_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/dashboard/openapi.json");
    let current = document();
    if std::env::vars().any(|(name, _)| name == "UPDATE_OPENAPI") {
        std::fs::write(&file, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert!(committed == current, "run UPDATE_OPENAPI=1 cargo test -p tests openapi");
}

#[tokio::test]
async fn the_document_is_served_as_openapi_3_1() {
    let app = TestApp::start().await;
    for path in ["/openapi.json", "/v1/openapi.json", "/api/v1/openapi.json"] {
        let served = app.visitor().get(path).await.expect(200);
        assert_eq!(served.header("content-type"), Some("application/json"));
        let served = served.json();
        assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
        assert_eq!(served, serde_json::from_str::<Value>(dashboard::OPENAPI).unwrap());
    }
}

#[test]
fn every_operation_is_described() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(
                operation["summary"].as_str().is_some_and(|s| !s.is_empty()),
                "{name}: summary"
            );
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}: tags");
            assert!(ids.insert(operation["operationId"].to_string()), "{name}: id twice");
            let responses = operation["responses"].as_object().unwrap();
            // Google's are for browsers, which are sent on.
            let done = ["200", "302"].iter().any(|status| responses.contains_key(*status));
            assert!(done, "{name}: 200");
            let described =
                |response: &Value| response["description"].as_str().is_some_and(|d| !d.is_empty());
            assert!(responses.values().all(described), "{name}: a response without description");
            if operation.get("security").is_some() {
                assert!(responses.contains_key("401"), "{name}: 401");
            }
            if operation.get("requestBody").is_some() {
                // Of what is signed it doesn't matter what it claims to be.
                let is_signed = path.starts_with("/v1/webhooks/");
                for status in ["400", "413", "415"] {
                    let fits = responses.contains_key(status) || (is_signed && status == "415");
                    assert!(fits, "{name}: {status}");
                }
            }
        }
    }
}

/// Types of one name are one schema, whichever comes last: these were three.
#[test]
fn what_is_called_kind_in_the_code_is_apart() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    let schemas = &document["components"]["schemas"];
    for (schema, field, one) in [
        ("Transaction", "type", "quota_grant"),
        ("Bearer", "kind", "organization"),
        ("Artifact", "kind", "notebook"),
    ] {
        let name = schemas[schema]["properties"][field]["$ref"].as_str().expect(schema);
        let values = &schemas[name.rsplit('/').next().unwrap()]["enum"];
        assert!(
            values.as_array().unwrap().iter().any(|value| value == one),
            "{schema}.{field}: {values}"
        );
    }
}

/// Every reference leads somewhere.
#[test]
fn every_schema_that_is_named_exists() {
    let text = document();
    let document: Value = serde_json::from_str(&text).unwrap();
    let references = text.split("\"#/components/schemas/").skip(1);
    for name in references.map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}

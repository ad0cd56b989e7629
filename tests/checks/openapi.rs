//! The committed OpenAPI document matches the code and is served.
//!
//! After a change of the API, run `UPDATE_OPENAPI=1 cargo test -p tests openapi` and review the diff.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tests::TestApp;
use tests::openapi::{FUNCTIONS, document, function_openapi, operations_of};

#[test]
fn the_committed_document_matches_the_code() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/dashboard/openapi.json");
    let current = document();
    if std::env::vars().any(|(name, _)| name == "UPDATE_OPENAPI") {
        std::fs::write(&file, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert!(committed == current, "run UPDATE_OPENAPI=1 cargo test -p tests openapi");
}

#[test]
fn the_document_has_exactly_the_served_routes() {
    for name in FUNCTIONS {
        let document = serde_json::to_value(function_openapi(name).0).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let described: BTreeSet<String> = paths
            .iter()
            .flat_map(|(path, operations)| {
                let methods = operations.as_object().unwrap().keys();
                methods.map(move |method| format!("{method} {path}"))
            })
            .collect();
        let served = operations_of(name);
        assert_eq!(described, served.iter().cloned().collect(), "{name}");
        assert_eq!(described.len(), served.len(), "{name}: a route stands twice");
    }
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
            // Browsers are redirected to and from Google, and from paths in older mails.
            let done = ["200", "302", "303"].iter().any(|status| responses.contains_key(*status));
            assert!(done, "{name}: 200");
            let described =
                |response: &Value| response["description"].as_str().is_some_and(|d| !d.is_empty());
            assert!(responses.values().all(described), "{name}: a response without description");
            if operation.get("security").is_some() {
                assert!(responses.contains_key("401"), "{name}: 401");
            }
            if operation.get("requestBody").is_some() {
                // A signed body is accepted with any content type.
                let is_signed = path.starts_with("/v1/webhooks/");
                for status in ["400", "413", "415"] {
                    let fits = responses.contains_key(status) || (is_signed && status == "415");
                    assert!(fits, "{name}: {status}");
                }
            }
        }
    }
}

/// Types with the same name would share one schema. Three types were named `Kind`, so each must
/// have its own.
#[test]
fn types_with_the_same_name_have_separate_schemas() {
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

/// Every schema reference resolves.
#[test]
fn every_referenced_schema_exists() {
    let text = document();
    let document: Value = serde_json::from_str(&text).unwrap();
    let references = text.split("\"#/components/schemas/").skip(1);
    for name in references.map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}

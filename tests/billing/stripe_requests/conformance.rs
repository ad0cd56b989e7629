//! The requests to Stripe conform to Stripe's API description, and each function of the client is used.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use tests::billing_scenario::BillingScenario;
use tests::stripe_calls::{MAX_KEY_LEN, StripeCall};

/// Returns the schema of a request's parameters in Stripe's API description.
fn parameter_schema(call: &StripeCall) -> Value {
    let documents = [
        include_str!("../../../local/simulators/stripe/src/description/openapi.json"),
        include_str!("../../../local/simulators/stripe/src/description/later.json"),
    ];
    let method = call.method.to_lowercase();
    let found = documents.iter().find_map(|text| {
        let document: Value = serde_json::from_str(text).unwrap();
        document["paths"][call.path].get(&method).cloned()
    });
    let found = found.unwrap_or_else(|| panic!("Stripe has no {call:?}"));
    let form = "/requestBody/content/application~1x-www-form-urlencoded/schema";
    if let Some(schema) = found.pointer(form).filter(|_| call.method != "GET") {
        return schema.clone();
    }
    let all = found["parameters"].as_array().into_iter().flatten();
    let all = all.filter(|parameter| parameter["in"] == "query");
    let required: Vec<_> = all.clone().filter(|each| each["required"] == true).collect();
    let required: Vec<_> = required.iter().map(|each| each["name"].clone()).collect();
    let properties: serde_json::Map<_, _> = all
        .map(|each| (each["name"].as_str().unwrap().to_owned(), each["schema"].clone()))
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// Returns how a parameter differs from its schema, or `None` if it conforms.
fn find_mismatch(name: &str, schema: &Value, sent: &Value) -> Option<String> {
    if let Some(choices) = schema["anyOf"].as_array() {
        let defects: Vec<_> =
            choices.iter().map(|choice| find_mismatch(name, choice, sent)).collect();
        return defects.iter().all(Option::is_some).then(|| format!("{name}: {defects:?}"));
    }
    let wrong = |what: &str| Some(format!("{name}: {what}: {sent}"));
    match schema["type"].as_str().unwrap() {
        "object" => {
            let Some(fields) = sent.as_object() else { return wrong("no object") };
            let missing = schema["required"].as_array().into_iter().flatten();
            if let Some(missing) =
                missing.map(|it| it.as_str().unwrap()).find(|it| !fields.contains_key(*it))
            {
                return wrong(&format!("lacks {missing}"));
            }
            fields.iter().find_map(|(key, value)| {
                let below = format!("{name}.{key}");
                let schema = schema["properties"].get(key).or(schema.get("additionalProperties"));
                schema.map_or(Some(format!("{below} is unknown")), |it| {
                    find_mismatch(&below, it, value)
                })
            })
        }
        "array" => {
            let Some(all) = sent.as_array() else { return wrong("no array") };
            all.iter().find_map(|each| find_mismatch(name, &schema["items"], each))
        }
        kind => {
            let Some(text) = sent.as_str() else { return wrong("not a single value") };
            let is_known = schema["enum"].as_array().is_none_or(|known| known.contains(sent));
            let fits = match kind {
                "integer" => text.parse::<i64>().is_ok(),
                "number" => text.parse::<f64>().is_ok(),
                "boolean" => ["true", "false"].contains(&text),
                "string" => text.len() as u64 <= schema["maxLength"].as_u64().unwrap_or(u64::MAX),
                other => panic!("{other}"),
            };
            (!is_known || !fits || text.is_empty())
                .then(|| format!("{name}: {sent} is no {schema}"))
        }
    }
}

/// Lists the functions of the Stripe client in the sources.
fn functions() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src/stripe");
    let mut functions = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // These files contain the transport and the verification of webhooks.
        let is_other = ["client.rs", "signature.rs"].iter().any(|other| path.ends_with(other));
        if !is_other {
            let text = std::fs::read_to_string(&path).unwrap();
            let after = text.split("pub async fn ").skip(1);
            functions.extend(after.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned()));
        }
    }
    functions
}

#[tokio::test]
async fn every_stripe_request_conforms_and_no_function_is_unused() {
    let scenario = BillingScenario::run().await;
    for request in &scenario.requests {
        let call = StripeCall::find(request);
        assert_eq!(request["status"], 200, "{request}");
        assert_eq!(
            find_mismatch("", &parameter_schema(call), &request["parameters"]),
            None,
            "{request}"
        );
        let key = request["idempotency_key"].as_str();
        assert_eq!(key.is_some(), call.method != "GET", "{request}");
        if let Some(key) = key {
            assert!((10..=MAX_KEY_LEN).contains(&key.len()) && key.is_ascii(), "{key}");
        }
    }
    let mut keys: Vec<_> = scenario
        .requests
        .iter()
        .filter_map(|request| request["idempotency_key"].as_str())
        .collect();
    keys.sort_unstable();
    let repeated: Vec<_> = keys.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    // No request was retried, so each key must be different.
    assert_eq!(repeated, Vec::<&[&str]>::new());
    let made: BTreeSet<_> = scenario
        .requests
        .iter()
        .map(|request| StripeCall::find(request).function.to_owned())
        .collect();
    assert_eq!(made, functions());
}

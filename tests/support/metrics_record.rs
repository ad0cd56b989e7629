//! The embedded metric format of CloudWatch: checks a log line against its specification.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use serde_json::{Value, json};

/// Returns the JSON schema of the specification, with the limits that its text adds: at most 100 metrics in a
/// directive.
fn schema() -> Value {
    let name = json!({"type": "string", "minLength": 1, "maxLength": 1024});
    let dimension = json!({"type": "string", "minLength": 1, "maxLength": 250});
    let metric = json!({
        "type": "object", "required": ["Name"],
        "properties": {"Name": name, "Unit": {"type": "string"}, "StorageResolution": {"type": "integer"}},
    });
    let dimension_set = json!({"type": "array", "maxItems": 30, "items": dimension});
    let directive = json!({
        "type": "object", "required": ["Namespace", "Dimensions", "Metrics"],
        "properties": {
            "Namespace": name,
            "Dimensions": {"type": "array", "minItems": 1, "items": dimension_set},
            "Metrics": {"type": "array", "maxItems": 100, "items": metric},
        },
    });
    let metadata = json!({
        "type": "object", "required": ["Timestamp", "CloudWatchMetrics"],
        "properties": {
            "Timestamp": {"type": "integer"},
            "CloudWatchMetrics": {"type": "array", "items": directive},
        },
    });
    json!({"type": "object", "required": ["_aws"], "properties": {"_aws": metadata}})
}

/// The keywords of JSON Schema that [`schema`] uses.
const KEYWORDS: [&str; 8] =
    ["type", "required", "properties", "items", "minLength", "maxLength", "minItems", "maxItems"];

/// Returns what is wrong with a value; nothing if it matches the schema.
fn violations(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut require = |holds: bool, what: &str| {
        if !holds {
            found.push(format!("{at}: {what}: {value}"));
        }
    };
    let count = |length: usize| u64::try_from(length).unwrap();
    for (keyword, expected) in schema.as_object().unwrap() {
        let number = expected.as_u64().unwrap_or_default();
        let characters = value.as_str().map(|text| count(text.chars().count()));
        let items = value.as_array().map(|items| count(items.len()));
        let holds = match keyword.as_str() {
            "type" => match expected.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_i64() || value.is_u64(),
                other => panic!("the type {other}"),
            },
            "required" => expected
                .as_array()
                .unwrap()
                .iter()
                .all(|name| !value[name.as_str().unwrap()].is_null()),
            "minLength" => characters.is_none_or(|length| length >= number),
            "maxLength" => characters.is_none_or(|length| length <= number),
            "minItems" => items.is_none_or(|length| length >= number),
            "maxItems" => items.is_none_or(|length| length <= number),
            "properties" | "items" => true,
            other => panic!("the keyword {other} is none of {KEYWORDS:?}"),
        };
        require(holds, keyword);
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, schema) in properties {
            if let Some(value) = value.get(name) {
                found.extend(violations(schema, value, &format!("{at}.{name}")));
            }
        }
    }
    if let (Some(items), false) = (value.as_array(), schema["items"].is_null()) {
        for (index, item) in items.iter().enumerate() {
            found.extend(violations(&schema["items"], item, &format!("{at}[{index}]")));
        }
    }
    found
}

/// A metric of a record, with its value and the values of its dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedMetric {
    /// Namespace of the metric in CloudWatch.
    pub namespace: String,
    /// The dimensions with their values.
    pub dimensions: Vec<(String, String)>,
    /// Name of the metric in CloudWatch.
    pub name: String,
    /// Value of the metric in its unit.
    pub value: f64,
}

/// Returns the metrics that CloudWatch reads from a log line.
///
/// # Panics
/// If the line does not follow the specification: then CloudWatch would read no metrics.
pub fn recorded_metrics(line: &Value) -> Vec<RecordedMetric> {
    assert_eq!(violations(&schema(), line, "$"), [] as [String; 0]);
    let mut found = Vec::new();
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        for dimensions in directive["Dimensions"].as_array().unwrap() {
            // The specification requires a text of 1 to 1024 characters for each dimension.
            let value_of = |name: &Value| {
                let name = name.as_str().unwrap();
                let value = line[name].as_str().filter(|value| (1..=1024).contains(&value.len()));
                (name.to_owned(), value.unwrap_or_else(|| panic!("{name} in {line}")).to_owned())
            };
            let dimensions: Vec<_> = dimensions.as_array().unwrap().iter().map(value_of).collect();
            for metric in directive["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                let unit = metric["Unit"].as_str().unwrap_or("None");
                assert!(["None", "Milliseconds", "Count"].contains(&unit), "{unit}");
                let value = line[name].as_f64().unwrap_or_else(|| panic!("{name} in {line}"));
                let namespace = directive["Namespace"].as_str().unwrap().to_owned();
                let (dimensions, name) = (dimensions.clone(), name.to_owned());
                found.push(RecordedMetric { namespace, dimensions, name, value });
            }
        }
    }
    found
}

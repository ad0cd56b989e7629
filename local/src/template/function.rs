//! The Lambda functions of the template and their event sources.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use shared::secrets::SecretSelection;

use super::api::HttpRoute;
use super::policy::TablePolicy;
use super::queue::QueueSource;
use super::read::read;
use super::response_type::ResponseType;
use super::schedule::{self, Schedule};
use super::service_policy::ServicePolicy;

/// A function of the template.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// The name of the function in the template.
    pub(crate) name: String,
    /// The name of its binary.
    pub(crate) binary: String,
    /// The time after which Lambda ends an invocation.
    pub(crate) timeout: Duration,
    /// The routes of the HTTP API that the function answers.
    pub(crate) routes: Vec<HttpRoute>,
    pub(crate) streams: Vec<StreamSource>,
    pub(crate) queues: Vec<QueueSource>,
    pub(crate) schedules: Vec<Schedule>,
    /// The patterns of the events that invoke the function.
    pub(crate) event_patterns: Vec<Map<String, Value>>,
    /// The names of the variables of its environment.
    pub(crate) variables: BTreeSet<String>,
    /// The secrets that the function reads, by the variables of its environment.
    pub(crate) secrets: SecretSelection,
    /// What the function may do with the table.
    pub(crate) policy: TablePolicy,
    /// What the function may do at S3, Secrets Manager, SES and SQS.
    pub(crate) services: ServicePolicy,
}

/// A mapping from the table's stream to a function.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct StreamSource {
    stream: Value,
    /// The maximum number of records per invocation.
    pub(crate) batch_size: usize,
    /// The number of batches of a shard that are processed at once, each with its own partition keys.
    #[serde(default = "default_parallelization_factor")]
    pub(crate) parallelization_factor: usize,
    /// The maximum number of retries of a failed batch. `None` retries until it succeeds.
    pub(crate) maximum_retry_attempts: Option<u32>,
    #[serde(default)]
    pub(crate) filter_criteria: FilterCriteria,
    function_response_types: Vec<ResponseType>,

    // The local stack reads from the beginning without a batching window, and reaches the maximum number of
    // retries long before the maximum age. The worker reports the failed record, so there is nothing to
    // bisect.
    #[serde(rename = "StartingPosition")]
    _starting_position: IgnoredAny,
    #[serde(rename = "MaximumBatchingWindowInSeconds", default)]
    _maximum_batching_window: IgnoredAny,
    #[serde(rename = "MaximumRecordAgeInSeconds", default)]
    _maximum_record_age: IgnoredAny,
    #[serde(rename = "BisectBatchOnFunctionError", default)]
    _bisect: IgnoredAny,
    // The local stack keeps its own list of dead letters.
    #[serde(rename = "DestinationConfig", default)]
    _destination: IgnoredAny,
}

/// The filter of a mapping, which accepts records that match any of these patterns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct FilterCriteria {
    pub(crate) filters: Vec<Filter>,
}

/// A pattern as a JSON text.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Filter {
    pub(crate) pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    build_properties: BuildProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildProperties {
    binary: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    timeout: Option<u64>,
    #[serde(default)]
    events: BTreeMap<String, Event>,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    policies: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    #[serde(default)]
    variables: BTreeMap<String, Value>,
}

impl Environment {
    fn names(&self, globals: &Value) -> BTreeSet<String> {
        let global = globals["Environment"]["Variables"].as_object();
        let global = global.into_iter().flat_map(|variables| variables.keys().cloned());
        self.variables.keys().cloned().chain(global).collect()
    }

    fn secrets(&self) -> SecretSelection {
        SecretSelection {
            session: self.variables.contains_key("SESSION_SECRET_ID"),
            account: self.variables.contains_key("ACCOUNT_SECRET_ID"),
            signing: self.variables.contains_key("SIGNING_SECRET_ID"),
            google: self.variables.contains_key("GOOGLE_SECRET_ID"),
            stripe: self.variables.contains_key("STRIPE_SECRET_ID"),
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties")]
enum Event {
    #[serde(rename = "DynamoDB")]
    DynamoDb(StreamSource),
    #[serde(rename = "SQS")]
    Sqs(QueueSource),
    Schedule(schedule::Properties),
    #[serde(rename = "EventBridgeRule")]
    Rule(RuleProperties),
}

/// The properties of a rule. The local stack invokes the function as Lambda does.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RuleProperties {
    pattern: Map<String, Value>,
}

/// Replaces each `!Ref` of a resource with the name of the resource in the template, which is its name here.
fn resolve_references(value: &Value) -> Value {
    match value {
        Value::Object(fields) => match fields.get("Ref") {
            Some(name) => name.clone(),
            None => fields
                .iter()
                .map(|(name, value)| (name.clone(), resolve_references(value)))
                .collect::<Map<_, _>>()
                .into(),
        },
        Value::Array(items) => items.iter().map(resolve_references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn default_parallelization_factor() -> usize {
    1
}

impl Function {
    pub(super) fn read(
        name: &str,
        metadata: &Value,
        properties: &Value,
        globals: &Value,
    ) -> Result<Self, String> {
        let metadata: Metadata = read(&format!("{name}, Metadata"), metadata.clone())?;
        let properties: Properties = read(name, properties.clone())?;
        let timeout = properties
            .timeout
            .or(globals["Timeout"].as_u64())
            .ok_or_else(|| format!("{name}: no Timeout"))?;
        let mut function = Self {
            name: name.to_owned(),
            binary: metadata.build_properties.binary,
            timeout: Duration::from_secs(timeout),
            routes: Vec::new(),
            streams: Vec::new(),
            queues: Vec::new(),
            schedules: Vec::new(),
            event_patterns: Vec::new(),
            variables: properties.environment.names(globals),
            secrets: properties.environment.secrets(),
            services: ServicePolicy::read(name, &properties.policies)?,
            policy: TablePolicy::read(name, properties.policies)?,
        };
        for (event_name, event) in properties.events {
            match event {
                Event::DynamoDb(source) => function.streams.push(source),
                Event::Sqs(source) => function.queues.push(source),
                Event::Schedule(properties) => {
                    let schedule = Schedule::read(event_name, properties)
                        .map_err(|error| format!("{name}, {error}"))?;
                    function.schedules.push(schedule);
                }
                Event::Rule(RuleProperties { pattern }) => {
                    let resolve = |(name, value)| (name, resolve_references(&value));
                    function.event_patterns.push(pattern.into_iter().map(resolve).collect());
                }
            }
        }
        Ok(function)
    }

    /// Checks that the function reads only the stream of this table, with supported settings.
    ///
    /// # Errors
    /// A message that names the unsupported setting.
    pub(super) fn require_stream_of(&self, table: &str) -> Result<(), String> {
        let expected = json!({"Fn::GetAtt": format!("{table}.StreamArn")});
        for source in &self.streams {
            if source.stream != expected {
                return Err(format!("{}: a stream other than {expected}", self.name));
            }
            if source.function_response_types != [ResponseType::ReportBatchItemFailures] {
                return Err(format!("{}: a stream without ReportBatchItemFailures", self.name));
            }
            if source.batch_size == 0 || source.parallelization_factor == 0 {
                return Err(format!("{}: a stream that reads nothing", self.name));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(events: Value) -> Result<Function, String> {
        Function::read(
            "F",
            &json!({"BuildProperties": {"Binary": "auth"}}),
            &json!({"Events": events, "CodeUri": "functions/auth"}),
            &json!({"Timeout": 10, "Environment": {"Variables": {"TABLE_NAME": "Table"}}}),
        )
    }

    #[test]
    fn the_default_timeout_is_used() {
        assert_eq!(function(json!({})).unwrap().timeout, Duration::from_secs(10));
    }

    #[test]
    fn variables_of_all_functions_are_its_own_too() {
        assert!(function(json!({})).unwrap().variables.contains("TABLE_NAME"));
    }

    #[test]
    fn a_schedule_is_read() {
        let properties = json!({"Schedule": "rate(2 hours)", "Input": "{}"});
        let event = json!({"Type": "Schedule", "Properties": properties});
        let expected = Schedule {
            name: "Often".to_owned(),
            every: Duration::from_secs(7200),
            input: "{}".to_owned(),
        };
        assert_eq!(function(json!({"Often": event})).unwrap().schedules, [expected]);
    }

    #[test]
    fn unsupported_settings_are_refused() {
        for event in [
            json!({"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}),
            json!({"Type": "Schedule", "Properties":
                {"Schedule": "rate(1 day)", "Input": "{}", "Enabled": false}}),
            json!({"Type": "Schedule", "Properties":
                {"Schedule": "cron(0 4 * * ? *)", "Input": "{}"}}),
            json!({"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)", "Input": "{"}}),
            // Routes belong to the definition of the API.
            json!({"Type": "HttpApi", "Properties":
                {"ApiId": {"Ref": "Api"}, "Method": "GET", "Path": "/"}}),
        ] {
            assert!(function(json!({"E": event})).is_err(), "{event}");
        }
    }

    #[test]
    fn another_stream_is_refused() {
        let event = |stream: Value| {
            json!({"E": {"Type": "DynamoDB", "Properties": {
                "Stream": stream, "StartingPosition": "LATEST", "BatchSize": 10,
                "FunctionResponseTypes": ["ReportBatchItemFailures"]}}})
        };
        let function_with_stream =
            function(event(json!({"Fn::GetAtt": "Table.StreamArn"}))).unwrap();
        assert_eq!(function_with_stream.require_stream_of("Table"), Ok(()));
        assert!(function_with_stream.require_stream_of("Other").is_err());
        assert!(
            function(event(json!("arn:aws:dynamodb:x")))
                .unwrap()
                .require_stream_of("Table")
                .is_err()
        );
    }
}

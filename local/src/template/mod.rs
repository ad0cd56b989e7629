//! Reads `template.yaml`, the only definition of the routes, the table, the secrets and the worker's event
//! sources.
//!
//! A setting that the local stack does not support is an error at start, because a stack that ignored it
//! would behave differently from the cloud.

mod api;
mod bucket;
mod function;
mod policy;
mod queue;
mod read;
mod response_type;
mod schedule;
mod secret;
mod service_policy;
mod table;
#[cfg(test)]
mod yaml;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::StartError;
use read::read;

pub(crate) use bucket::{Bucket, CorsRule};
pub(crate) use function::{Function, StreamSource};
pub(crate) use policy::TablePolicy;
pub(crate) use queue::{QueueSettings, QueueSource};
pub(crate) use schedule::Schedule;
pub(crate) use secret::GeneratedSecret;
pub(crate) use service_policy::{ServicePolicy, ServiceRight};
pub(crate) use table::{Index, KeyPart, Table};

/// The template as JSON, which `build.rs` makes. It is included in the binary so that it runs from any folder.
const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/template.json"));

/// The parts of the template that the local stack uses.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) table: Table,
    pub(crate) secret: GeneratedSecret,
    pub(crate) bucket: Bucket,
    /// The FIFO queues that functions read, by their names in the template.
    pub(crate) queues: BTreeMap<String, QueueSettings>,
    /// The functions in alphabetical order of their names in the template.
    pub(crate) functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Globals", default)]
    globals: Value,
    #[serde(rename = "Resources")]
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "Type")]
    resource_type: String,
    #[serde(rename = "Metadata", default)]
    metadata: Value,
    #[serde(rename = "Properties", default)]
    properties: Value,
}

/// Returns the names of the functions' binaries in `template.yaml`, in alphabetical order.
///
/// # Errors
/// [`StartError::Template`] if the template has a setting that the local stack does not support.
pub fn function_binaries() -> Result<Vec<&'static str>, StartError> {
    let functions = &Template::load().map_err(StartError::Template)?.functions;
    let mut names: Vec<_> = functions.iter().map(|function| function.binary.as_str()).collect();
    names.sort_unstable();
    Ok(names)
}

/// Lists what the policies of the template allow: the name of a function, and at the table an action or a pattern of
/// partition keys, or at S3, Secrets Manager, SES and SQS an action and a resource.
///
/// # Errors
/// A message if the template has something that the local stack does not support.
pub fn function_rights() -> Result<Vec<String>, StartError> {
    let functions = &Template::load().map_err(StartError::Template)?.functions;
    let rights = functions.iter().flat_map(|function| {
        let others = function.services.rights().map(ToString::to_string);
        let rights = function.policy.rights().into_iter().chain(others);
        rights.map(|right| format!("{} {right}", function.name))
    });
    Ok(rights.collect())
}

impl Template {
    /// Returns the template, which is parsed once per process.
    ///
    /// # Errors
    /// A message that names the setting which the local stack does not support.
    pub(crate) fn load() -> Result<&'static Self, String> {
        static TEMPLATE: LazyLock<Result<Template, String>> =
            LazyLock::new(|| Template::parse(TEXT));
        TEMPLATE.as_ref().map_err(Clone::clone)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let document: Document =
            serde_json::from_str(text).map_err(|error| format!("the template: {error}"))?;
        let (table_name, table) = find_only(&document.resources, "AWS::DynamoDB::Table")?;
        let secrets = document
            .resources
            .values()
            .filter(|resource| resource.resource_type == "AWS::SecretsManager::Secret");
        let secret = GeneratedSecret::read_common(secrets.map(|resource| &resource.properties))?;
        // The other bucket gets what Lambda gives up, which the local stack keeps in a list of its own.
        let bucket_name = "Content";
        let bucket =
            document.resources.get(bucket_name).ok_or_else(|| format!("no {bucket_name}"))?;
        let globals = &document.globals["Function"];
        let (_, api) = find_only(&document.resources, "AWS::Serverless::HttpApi")?;
        let mut functions = document
            .resources
            .iter()
            .filter(|(_, resource)| resource.resource_type == "AWS::Serverless::Function")
            .map(|(name, resource)| {
                let (metadata, properties) = (&resource.metadata, &resource.properties);
                let function = Function::read(name, metadata, properties, globals)?;
                function.require_stream_of(table_name)?;
                let table_check = function.policy.require_table(table_name);
                table_check.map_err(|error| format!("{name}: {error}"))?;
                Ok(function)
            })
            .collect::<Result<Vec<_>, String>>()?;
        for route in api::routes(&api.properties)? {
            let function = functions.iter_mut().find(|function| function.name == route.function);
            let function = function.ok_or_else(|| format!("no function {}", route.function))?;
            function.routes.push(route);
        }
        let mut queues = BTreeMap::new();
        for (name, resource) in &document.resources {
            if resource.resource_type == "AWS::SQS::Queue"
                && let Some(settings) = QueueSettings::read(name, &resource.properties)?
            {
                queues.insert(name.clone(), settings);
            }
        }
        Ok(Self {
            queues,
            table: read(table_name, table.properties.clone())?,
            secret,
            bucket: Bucket::read(bucket_name, &bucket.properties)?,
            functions,
        })
    }
}

/// Returns the only resource of a type, with its name.
fn find_only<'r>(
    resources: &'r BTreeMap<String, Resource>,
    resource_type: &str,
) -> Result<(&'r String, &'r Resource), String> {
    let mut found =
        resources.iter().filter(|(_, resource)| resource.resource_type == resource_type);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(format!("no {resource_type}")),
        (Some(_), Some(_)) => Err(format!("more than one {resource_type}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::api::HttpRoute;
    use super::*;

    #[test]
    fn the_template_of_the_service_is_supported() {
        let template = Template::load().unwrap();
        let worker =
            template.functions.iter().find(|function| function.binary == "worker").unwrap();
        assert_eq!((worker.streams.len(), worker.queues.len()), (1, 2));
        for source in &worker.queues {
            assert!(template.queues.contains_key(source.queue("worker").unwrap()));
        }
        let inputs = worker.schedules.iter().map(|schedule| schedule.input.as_str());
        let mut inputs: Vec<_> = inputs.collect();
        inputs.sort_unstable();
        let expected =
            ["billing", "daily", "hourly"].map(|name| format!(r#"{{"schedule":"{name}"}}"#));
        assert_eq!(inputs, expected);
        assert!(worker.routes.is_empty());
        let auth = template.functions.iter().find(|function| function.binary == "auth").unwrap();
        let register = HttpRoute {
            method: "ANY".to_owned(),
            path: "/v1/register".to_owned(),
            function: "AuthFunction".to_owned(),
        };
        assert!(auth.routes.contains(&register));
    }

    #[test]
    fn a_second_table_is_refused() {
        let mut document: Value = TEXT.parse().unwrap();
        document["Resources"]["Other"] = json!({"Type": "AWS::DynamoDB::Table"});
        let error = Template::parse(&document.to_string()).unwrap_err();
        assert_eq!(error, "more than one AWS::DynamoDB::Table");
    }
}

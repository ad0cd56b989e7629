//! What `template.yaml` says about routes, memory and throttling.

use std::collections::BTreeMap;

use serde_norway::Value;

use crate::{Error, Result};

/// The parts of the template that the model needs.
#[derive(Debug)]
pub struct Template {
    /// Requests that one route serves in a second.
    pub route_requests_per_s: f64,
    /// MB of each function, by its logical name without `Function`.
    memory_mb: BTreeMap<String, f64>,
    /// The function of each method and path, with `{}` for each parameter.
    routes: BTreeMap<(String, String), String>,
    /// How many secrets there are.
    pub secrets: f64,
}

/// The method of a route that takes every method.
const ANY: &str = "x-amazon-apigateway-any-method";

impl Template {
    /// Reads the template.
    ///
    /// # Errors
    /// Fails if it is not YAML, or lacks a part that the model needs.
    pub fn parse(text: &str) -> Result<Self> {
        let root: Value =
            serde_norway::from_str(text).map_err(|e| Error::new(format!("template.yaml: {e}")))?;
        let default_mb = number(at(&root, &["Globals", "Function", "MemorySize"])?)?;
        let resources = mapping(at(&root, &["Resources"])?)?;
        let mut memory_mb = BTreeMap::new();
        let mut secrets = 0.0;
        for (name, resource) in resources {
            let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
            if kind == "AWS::Serverless::Function" {
                let own = at(resource, &["Properties", "MemorySize"]).and_then(number);
                let name = name.as_str().unwrap_or_default().trim_end_matches("Function");
                memory_mb.insert(name.to_lowercase(), own.unwrap_or(default_mb));
            }
            secrets += f64::from(u8::from(kind == "AWS::SecretsManager::Secret"));
        }
        let api = at(&root, &["Resources", "Api", "Properties"])?;
        let limit = at(api, &["DefaultRouteSettings", "ThrottlingRateLimit"])?;
        let mut routes = BTreeMap::new();
        for (path, methods) in mapping(at(api, &["DefinitionBody", "paths"])?)? {
            let path = without_names(path.as_str().unwrap_or_default());
            for (method, operation) in mapping(methods)? {
                let function = function_of(operation)?;
                let method = method.as_str().unwrap_or_default().to_lowercase();
                routes.insert((method, path.clone()), function);
            }
        }
        Ok(Self { route_requests_per_s: number(limit)?, memory_mb, routes, secrets })
    }

    /// Returns the route of a row of `docs/COSTS.md`: function and path. A row of several calls has the route of the
    /// first one, and a row of the worker has no path.
    ///
    /// # Errors
    /// Fails if the template has no such route.
    pub fn route(&self, label: &str) -> Result<Route> {
        if label.starts_with("worker: ") {
            return Ok(Route { function: "worker".to_owned(), path: String::new() });
        }
        let word = |word: &str| word.trim_end_matches([',', ':']).to_owned();
        let method = word(label.split(' ').next().unwrap_or_default()).to_lowercase();
        let path =
            label.split(' ').find(|part| part.starts_with('/')).map(word).unwrap_or_default();
        let path = without_names(&path);
        let of = |method: &str| self.routes.get(&(method.to_owned(), path.clone())).cloned();
        match of(&method).or_else(|| of(ANY)) {
            Some(function) => Ok(Route { function, path }),
            None => Err(Error::new(format!("template.yaml has no route of {label}"))),
        }
    }

    /// The MB of a function.
    ///
    /// # Errors
    /// Fails if the template has no such function.
    pub fn memory_mb(&self, function: &str) -> Result<f64> {
        let memory = self.memory_mb.get(function).copied();
        memory.ok_or_else(|| Error::new(format!("template.yaml has no function {function}")))
    }
}

/// A route of the gateway.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The function that serves it.
    pub function: String,
    /// Its path, with `{}` for each parameter.
    pub path: String,
}

/// Removes the names of parameters, because documents and template use different ones.
fn without_names(path: &str) -> String {
    let is_parameter = |part: &str| part.starts_with('{') && part.ends_with('}');
    let parts = path.split('/').map(|part| if is_parameter(part) { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Reads the function from the URI of an operation's integration.
fn function_of(operation: &Value) -> Result<String> {
    let uri = at(operation, &["x-amazon-apigateway-integration", "uri"])?;
    // `!Sub` is a tag of the text.
    let uri = if let Value::Tagged(tagged) = uri { tagged.value.as_str() } else { uri.as_str() };
    let function =
        uri.and_then(|uri| uri.split_once("functions/${")?.1.split_once("Function.Arn}"));
    let (function, _) =
        function.ok_or_else(|| Error::new("template.yaml: an integration without a function"))?;
    Ok(function.to_lowercase())
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Result<&'a Value> {
    path.iter().try_fold(value, |value, key| {
        value
            .get(*key)
            .ok_or_else(|| Error::new(format!("template.yaml has no {}", path.join("."))))
    })
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().ok_or_else(|| Error::new(format!("template.yaml: not a number: {value:?}")))
}

fn mapping(value: &Value) -> Result<&serde_norway::Mapping> {
    value.as_mapping().ok_or_else(|| Error::new("template.yaml: not a mapping"))
}

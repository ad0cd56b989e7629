//! What `template.yaml` says about routes, memory and throttling.

use std::collections::BTreeMap;

use serde_norway::Value;

use crate::{Error, Result};

/// The parts of the template that the model needs.
#[derive(Debug)]
pub struct Template {
    /// Requests in a second that a route without a limit of its own serves.
    default_requests_per_s: f64,
    /// Requests in a second that a route serves, by method and path.
    requests_per_s: BTreeMap<(String, String), f64>,
    /// MB of each function, by its logical name without `Function`.
    memory_mb: BTreeMap<String, f64>,
    /// The function of each method and path, with `{}` for each parameter.
    routes: BTreeMap<(String, String), String>,
    /// The number of secrets in Secrets Manager.
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
        let mut requests_per_s = BTreeMap::new();
        for (route, settings) in mapping(at(api, &["RouteSettings"])?)? {
            let (method, path) =
                route.as_str().and_then(|route| route.split_once(' ')).ok_or_else(|| {
                    Error::new(format!("template.yaml: not the key of a route: {route:?}"))
                })?;
            let method = if method == "ANY" { ANY.to_owned() } else { method.to_lowercase() };
            let limit = number(at(settings, &["ThrottlingRateLimit"])?)?;
            requests_per_s.insert((method, without_names(path)), limit);
        }
        let definition = at(api, &["DefinitionBody"])?;
        let integrations = at(definition, &["components", "x-amazon-apigateway-integrations"])?;
        let mut routes = BTreeMap::new();
        for (path, methods) in mapping(at(definition, &["paths"])?)? {
            let path = without_names(path.as_str().unwrap_or_default());
            for (method, operation) in mapping(methods)? {
                let function = function_of(operation, integrations)?;
                let method = method.as_str().unwrap_or_default().to_lowercase();
                routes.insert((method, path.clone()), function);
            }
        }
        let default_requests_per_s = number(limit)?;
        Ok(Self { default_requests_per_s, requests_per_s, memory_mb, routes, secrets })
    }

    /// Returns the route of a row of `docs/COSTS.md`: function and path. A row of several calls has the route of the
    /// first one, and a row of the worker has no path.
    ///
    /// # Errors
    /// Fails if the template has no such route.
    pub fn route(&self, label: &str) -> Result<Route> {
        if label.starts_with("worker: ") {
            return Ok(Route {
                function: "worker".to_owned(),
                path: String::new(),
                requests_per_s: self.default_requests_per_s,
            });
        }
        let word = |word: &str| word.trim_end_matches([',', ':']).to_owned();
        let method = word(label.split(' ').next().unwrap_or_default()).to_lowercase();
        let path =
            label.split(' ').find(|part| part.starts_with('/')).map(word).unwrap_or_default();
        let path = without_names(&path);
        let of = |method: &str| {
            let key = (method.to_owned(), path.clone());
            let function = self.routes.get(&key)?.clone();
            let limit = self.requests_per_s.get(&key);
            let requests_per_s = limit.copied().unwrap_or(self.default_requests_per_s);
            Some(Route { function, path: path.clone(), requests_per_s })
        };
        let route = of(&method).or_else(|| of(ANY));
        route.ok_or_else(|| Error::new(format!("template.yaml has no route of {label}")))
    }

    /// Returns the memory of a function in MB.
    ///
    /// # Errors
    /// Fails if the template has no such function.
    pub fn memory_mb(&self, function: &str) -> Result<f64> {
        let memory = self.memory_mb.get(function).copied();
        memory.ok_or_else(|| Error::new(format!("template.yaml has no function {function}")))
    }
}

/// A route of API Gateway.
#[derive(Clone, Debug)]
pub struct Route {
    /// The name of the function that serves the route.
    pub function: String,
    /// The path of the route, with `{}` for each parameter.
    pub path: String,
    /// Requests that it serves in a second. Each of the two base paths has this limit.
    pub requests_per_s: f64,
}

/// Removes the names of parameters, because documents and template use different ones.
fn without_names(path: &str) -> String {
    let is_parameter = |part: &str| part.starts_with('{') && part.ends_with('}');
    let parts = path.split('/').map(|part| if is_parameter(part) { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Reads the function from the URI of the integration that an operation refers to.
fn function_of(operation: &Value, integrations: &Value) -> Result<String> {
    let reference = at(operation, &["x-amazon-apigateway-integration", "$ref"])?;
    let name = reference.as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let uri = at(integrations, &[name, "uri"])?;
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

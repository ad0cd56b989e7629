//! The routes of the HTTP API, from the OpenAPI definition that API Gateway imports.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::read::read;

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpRoute {
    /// The method or `ANY`.
    pub(crate) method: String,
    /// The path pattern or `$default`.
    pub(crate) path: String,
    /// The name of the function in the template.
    pub(crate) function: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    definition_body: Definition,
}

#[derive(Deserialize)]
struct Definition {
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
    components: Components,
}

/// The integrations that routes share, by name. An integration of a route's own is not supported, because an API can
/// have 300 at most.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integrations.html>
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Components {
    #[serde(rename = "x-amazon-apigateway-integrations")]
    integrations: BTreeMap<String, Integration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    #[serde(rename = "x-amazon-apigateway-integration")]
    integration: Reference,
    #[serde(rename = "isDefaultRoute", default)]
    is_default: bool,
    #[serde(rename = "responses")]
    _responses: IgnoredAny,
}

/// A reference to an integration of [`Components`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    #[serde(rename = "$ref")]
    pointer: String,
}

/// An integration. The local stack supports only function calls with events of format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Integration {
    #[serde(rename = "type")]
    _type: IntegrationType,
    #[serde(rename = "httpMethod")]
    _http_method: InvokeMethod,
    #[serde(rename = "payloadFormatVersion")]
    _payload_format_version: PayloadFormat,
    uri: Uri,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum IntegrationType {
    AwsProxy,
}

#[derive(Deserialize)]
enum InvokeMethod {
    #[serde(rename = "POST")]
    Post,
}

#[derive(Deserialize)]
enum PayloadFormat {
    #[serde(rename = "2.0")]
    Two,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Uri {
    #[serde(rename = "Fn::Sub")]
    text: String,
}

/// The key of an operation that accepts any method.
const ANY_METHOD: &str = "x-amazon-apigateway-any-method";

/// The start of a reference to an integration.
const INTEGRATIONS: &str = "#/components/x-amazon-apigateway-integrations/";

/// Returns the routes of an API with these properties.
pub(super) fn routes(properties: &Value) -> Result<Vec<HttpRoute>, String> {
    let properties: Properties = read("the API", properties.clone())?;
    let Definition { paths, components } = properties.definition_body;
    let mut routes = Vec::new();
    for (path, operations) in paths {
        for (method, operation) in operations {
            let name = format!("{method} {path}");
            if operation.is_default != (path == "$default") {
                return Err(format!("{name}: $default is the default route, and nothing else is"));
            }
            let pointer = &operation.integration.pointer;
            let integration = pointer
                .strip_prefix(INTEGRATIONS)
                .and_then(|shared| components.integrations.get(shared))
                .ok_or_else(|| format!("{name}: there is no integration {pointer}"))?;
            let function = function_in(&integration.uri.text)
                .ok_or_else(|| format!("{name}: the uri names no function of the template"))?;
            let method =
                if method == ANY_METHOD { "ANY".to_owned() } else { method.to_ascii_uppercase() };
            routes.push(HttpRoute { method, path: path.clone(), function: function.to_owned() });
        }
    }
    Ok(routes)
}

/// Returns the name of the function that an integration's URI calls:
/// `…/functions/${AuthFunction.Arn}:live/invocations`.
fn function_in(uri: &str) -> Option<&str> {
    uri.split_once("/functions/${")?.1.strip_suffix(".Arn}:live/invocations")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn operation(integration: &str) -> Value {
        json!({
            "responses": {},
            "x-amazon-apigateway-integration": {"$ref": format!("{INTEGRATIONS}{integration}")},
        })
    }

    fn integration() -> Value {
        json!({
            "type": "aws_proxy", "httpMethod": "POST", "payloadFormatVersion": "2.0",
            "uri": {"Fn::Sub": "arn:aws:x/functions/${AuthFunction.Arn}:live/invocations"},
        })
    }

    fn routes_of(paths: Value, integration: Value) -> Result<Vec<HttpRoute>, String> {
        let components = json!({"x-amazon-apigateway-integrations": {"auth": integration}});
        let definition = json!({"openapi": "3.0.1", "paths": paths, "components": components});
        routes(&json!({"DefinitionBody": definition}))
    }

    #[test]
    fn methods_paths_and_functions_are_read() {
        let mut default = operation("auth");
        default["isDefaultRoute"] = json!(true);
        let paths = json!({
            "/v1/me": {"get": operation("auth")}, "$default": {ANY_METHOD: default},
        });
        let routes = routes_of(paths, integration());
        let route = |method: &str, path: &str| HttpRoute {
            method: method.to_owned(),
            path: path.to_owned(),
            function: "AuthFunction".to_owned(),
        };
        assert_eq!(routes.unwrap(), [route("ANY", "$default"), route("GET", "/v1/me")]);
    }

    #[test]
    fn unsupported_settings_are_refused() {
        for (field, value) in [
            ("payloadFormatVersion", json!("1.0")),
            ("type", json!("http_proxy")),
            ("timeoutInMillis", json!(1)),
            ("uri", json!("https://elsewhere.example")),
            ("uri", json!({"Fn::Sub": "arn:aws:x/functions/other:live/invocations"})),
        ] {
            let mut changed = integration();
            changed[field] = value;
            let paths = json!({"/v1/me": {"get": operation("auth")}});
            assert!(routes_of(paths, changed).is_err(), "{field}");
        }
        let default = json!({"$default": {ANY_METHOD: operation("auth")}});
        assert!(routes_of(default, integration()).is_err());
        let unknown = json!({"/v1/me": {"get": operation("other")}});
        assert!(routes_of(unknown, integration()).is_err());
        let inline = json!({"responses": {}, "x-amazon-apigateway-integration": integration()});
        assert!(routes_of(json!({"/v1/me": {"get": inline}}), integration()).is_err());
    }
}

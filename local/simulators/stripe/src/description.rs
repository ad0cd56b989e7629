//! Stripe's public API description: complete example objects, and the parameters of each call.

use std::io;

use serde_json::{Map, Value, json};

const FIXTURES: &str = include_str!("description/fixtures.json");
const OPENAPI: &str = include_str!("description/openapi.json");
const LATER_CALLS: &str = include_str!("description/later.json");

/// The API version that is simulated.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// The parsed documents of the API description.
pub(crate) struct ApiDescription {
    fixtures: Value,
    openapi: Value,
    /// Calls that are newer than the OpenAPI document.
    later_calls: Value,
}

impl ApiDescription {
    /// Parses the documents, which are part of the binary.
    ///
    /// # Errors
    /// Fails if a document is not valid JSON.
    pub(crate) fn parse() -> io::Result<Self> {
        let fixtures: Value = serde_json::from_str(FIXTURES)?;
        Ok(Self {
            fixtures: fixtures["resources"].clone(),
            openapi: serde_json::from_str(OPENAPI)?,
            later_calls: serde_json::from_str(LATER_CALLS)?,
        })
    }

    /// Returns Stripe's example object of a type, with these fields replaced or added.
    pub(crate) fn build_object(&self, object_type: &str, fields: Value) -> Value {
        let mut object = self.fixtures[object_type].clone();
        merge_fields(&mut object, fields);
        object
    }

    /// Returns the JSON schema of a call's parameters. `method` is in lower case.
    pub(crate) fn parameter_schema(&self, method: &str, path: &str) -> Value {
        let find_in = |document: &Value| document["paths"][path].get(method).cloned();
        let call = find_in(&self.openapi).or_else(|| find_in(&self.later_calls));
        let call = call.unwrap_or_default();
        let body = "/requestBody/content/application~1x-www-form-urlencoded/schema";
        if let Some(schema) = call.pointer(body) {
            return schema.clone();
        }
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let parameters = call["parameters"].as_array().into_iter().flatten();
        // The path has its own values.
        for parameter in parameters.filter(|parameter| parameter["in"] != "path") {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            if parameter["required"] == true {
                required.push(name.clone());
            }
            properties.insert(name, parameter["schema"].clone());
        }
        json!({"type": "object", "properties": properties, "required": required})
    }

    /// Returns the field names of Stripe's example object of a type.
    #[cfg(test)]
    pub(crate) fn field_names(&self, object_type: &str) -> Vec<String> {
        self.fixtures[object_type].as_object().unwrap().keys().cloned().collect()
    }
}

/// Replaces or adds fields of an object. Does nothing if one of the values is not an object.
pub(crate) fn merge_fields(object: &mut Value, fields: Value) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields) {
        object.extend(fields);
    }
}

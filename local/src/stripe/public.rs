//! Stripe's public description: whole examples of objects, and which parameters calls take.

use std::io;

use serde_json::{Map, Value, json};

const FIXTURES: &str = include_str!("public/fixtures.json");
const OPENAPI: &str = include_str!("public/openapi.json");
const LATER: &str = include_str!("public/later.json");

/// The version of the API that is simulated.
pub(super) const VERSION: &str = "2026-09-30.endive";

/// The documents.
pub(super) struct Public {
    fixtures: Value,
    openapi: Value,
    /// Calls that the other doesn't have yet.
    later: Value,
}

impl Public {
    pub(super) fn read() -> io::Result<Self> {
        let fixtures: Value = serde_json::from_str(FIXTURES)?;
        Ok(Self {
            fixtures: fixtures["resources"].clone(),
            openapi: serde_json::from_str(OPENAPI)?,
            later: serde_json::from_str(LATER)?,
        })
    }

    /// An object with every field that Stripe's own have, these among them.
    pub(super) fn object(&self, kind: &str, fields: Value) -> Value {
        let mut object = self.fixtures[kind].clone();
        merge(&mut object, fields);
        object
    }

    /// The schema of a call's parameters.
    pub(super) fn parameters(&self, method: &str, path: &str) -> Value {
        let in_document = |document: &Value| document["paths"][path].get(method).cloned();
        let call = in_document(&self.openapi).or_else(|| in_document(&self.later));
        let call = call.unwrap_or_default();
        let body = "/requestBody/content/application~1x-www-form-urlencoded/schema";
        if let Some(schema) = call.pointer(body) {
            return schema.clone();
        }
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for parameter in call["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            if parameter["required"] == true {
                required.push(name.clone());
            }
            properties.insert(name, parameter["schema"].clone());
        }
        json!({"type": "object", "properties": properties, "required": required})
    }

    /// The names of the fields that an object of Stripe's has.
    #[cfg(test)]
    pub(super) fn fields(&self, kind: &str) -> Vec<String> {
        self.fixtures[kind].as_object().unwrap().keys().cloned().collect()
    }
}

/// Puts fields over those of an object.
pub(super) fn merge(object: &mut Value, fields: Value) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields) {
        object.extend(fields);
    }
}

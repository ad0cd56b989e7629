//! Records which kinds of requests are sent to DynamoDB, so that tests can compare engines.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::{Map, Value};

use super::dynamodb_operation::dynamodb_operation;

/// The shapes of all requests that the functions of a stack have sent to DynamoDB.
///
/// Requests of the stack itself and of tests are left out, because they do not reach the cloud.
///
/// A shape is an operation with its expressions, placeholders, value types and flags, but without keys and
/// values. The operations of a transaction are shapes of their own, and so is the set of their kinds. Items are
/// described by the types of their attributes, because DynamoDB treats all attribute names of an item alike.
/// So the number of shapes is bounded by the code.
#[derive(Clone, Debug, Default)]
pub struct RequestShapes(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    shapes: BTreeSet<String>,
    used_rights: BTreeSet<String>,
    request_count: u64,
}

impl RequestShapes {
    /// Lists the recorded shapes in alphabetical order.
    pub fn list(&self) -> Vec<String> {
        self.recorded().shapes.iter().cloned().collect()
    }

    /// Lists the rights that the requests needed, as [`function_rights`](crate::function_rights) lists them.
    pub fn used_rights(&self) -> Vec<String> {
        self.recorded().used_rights.iter().cloned().collect()
    }

    /// Counts the requests, repeated ones included.
    pub fn request_count(&self) -> u64 {
        self.recorded().request_count
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the rights that a request used.
    pub(super) fn record_rights(&self, used_rights: Vec<String>) {
        self.recorded().used_rights.extend(used_rights);
    }

    /// Records the rights that a request used, and the request itself, if it is one of DynamoDB and not of its streams.
    pub(super) fn record(&self, request: &HttpRequest, used_rights: Vec<String>) {
        self.record_rights(used_rights);
        let operation = dynamodb_operation(request);
        let body = request.body().bytes().map(serde_json::from_slice);
        if let (Some(operation), Some(Ok(Value::Object(body)))) = (operation, body) {
            let shapes = build_shapes(operation, &body);
            let mut recorded = self.recorded();
            recorded.shapes.extend(shapes);
            recorded.request_count += 1;
        }
    }
}

/// Returns the shapes of a request.
fn build_shapes(operation: &str, body: &Map<String, Value>) -> Vec<String> {
    let mut shapes = vec![format!("{operation} {}", describe(body))];
    for item in body.get("TransactItems").and_then(Value::as_array).into_iter().flatten() {
        for (kind, parameters) in item.as_object().into_iter().flatten() {
            let described = parameters.as_object().map_or_else(Value::default, describe);
            shapes.push(format!("{operation}.{kind} {described}"));
        }
    }
    shapes
}

/// Returns the parameters of an operation without keys and values.
fn describe(parameters: &Map<String, Value>) -> Value {
    let described = parameters.iter().filter_map(|(name, value)| {
        let described = match name.as_str() {
            "TableName" | "ClientRequestToken" => return None,
            "Key" | "ExclusiveStartKey" | "Limit" => Value::Bool(true),
            "Item" => distinct_names(attribute_types(value)),
            "ExpressionAttributeValues" => placeholder_types(value),
            "TransactItems" => {
                distinct_names(value.as_array().into_iter().flatten().flat_map(field_names))
            }
            "RequestItems" => Value::Array(
                value.as_object().into_iter().flatten().map(describe_table_requests).collect(),
            ),
            _ => value.clone(),
        };
        Some((name.clone(), described))
    });
    let mut described = Value::Object(described.collect());
    // The SDK sends placeholders in random order.
    described.sort_all_objects();
    described
}

/// Describes the part of a batch that concerns one table.
fn describe_table_requests((_, requests): (&String, &Value)) -> Value {
    match requests {
        // The writes of a `BatchWriteItem`.
        Value::Array(writes) => distinct_names(writes.iter().flat_map(field_names)),
        // The keys of a `BatchGetItem`, and flags.
        Value::Object(requests) => {
            let flags = requests.iter().filter(|(name, _)| *name != "Keys");
            Value::Object(flags.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Value::Null,
    }
}

/// Returns the type of each placeholder.
fn placeholder_types(values: &Value) -> Value {
    let values = values.as_object().into_iter().flatten();
    let types = values
        .map(|(placeholder, value)| (placeholder.clone(), distinct_names(field_names(value))));
    Value::Object(types.collect())
}

/// Returns the types of an item's attributes.
fn attribute_types(item: &Value) -> impl Iterator<Item = String> {
    item.as_object().into_iter().flatten().flat_map(|(_, value)| field_names(value))
}

/// Returns the field names of an object.
fn field_names(object: &Value) -> impl Iterator<Item = String> {
    object.as_object().into_iter().flatten().map(|(name, _)| name.clone())
}

/// Returns distinct names in alphabetical order.
fn distinct_names(names: impl Iterator<Item = String>) -> Value {
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shapes(operation: &str, body: &Value) -> Vec<String> {
        build_shapes(operation, body.as_object().unwrap())
    }

    #[test]
    fn keys_and_values_are_left_out() {
        let get = |key: &str| json!({"TableName": key, "Key": {"pk": {"S": key}}, "ConsistentRead": true});
        assert_eq!(shapes("GetItem", &get("a")), shapes("GetItem", &get("b")));
        let update = |value: Value| {
            json!({"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET #0 = :0",
                "ExpressionAttributeNames": {"#0": "name"}, "ExpressionAttributeValues": {":0": value}})
        };
        let text = shapes("UpdateItem", &update(json!({"S": "x"})));
        assert_eq!(text, shapes("UpdateItem", &update(json!({"S": "y"}))));
        assert_ne!(text, shapes("UpdateItem", &update(json!({"N": "1"}))));
    }

    #[test]
    fn equal_operations_of_a_transaction_count_once() {
        let put = json!({"Put": {"TableName": "t", "Item": {"pk": {"S": "a"}, "n": {"N": "1"}}}});
        let check =
            json!({"ConditionCheck": {"Key": {}, "ConditionExpression": "attribute_exists(pk)"}});
        let one = shapes("TransactWriteItems", &json!({"TransactItems": [put, check]}));
        let two = shapes("TransactWriteItems", &json!({"TransactItems": [put, check, put]}));
        assert_eq!(one[0], r#"TransactWriteItems {"TransactItems":["ConditionCheck","Put"]}"#);
        assert_eq!(one[1], r#"TransactWriteItems.Put {"Item":["N","S"]}"#);
        assert_eq!(one.iter().collect::<BTreeSet<_>>(), two.iter().collect());
    }
}

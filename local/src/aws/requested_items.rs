//! Reads the actions and partition keys of a request to DynamoDB, which IAM authorizes.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

/// The partition keys of a request by action, such as `dynamodb:GetItem`.
pub(super) type RequestedItems = BTreeMap<String, Vec<String>>;

/// The partition key of an item or a key. Other attributes are skipped.
#[derive(Deserialize)]
struct PartitionKey {
    pk: Text,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

/// An operation on one item, alone or in a transaction or batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ItemOperation {
    key: Option<PartitionKey>,
    item: Option<PartitionKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Transaction {
    transact_items: Vec<HashMap<String, ItemOperation>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchRead {
    request_items: HashMap<String, BatchReadKeys>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchReadKeys {
    keys: Vec<PartitionKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchWrite {
    request_items: HashMap<String, Vec<HashMap<String, ItemOperation>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    key_condition_expression: String,
    #[serde(default)]
    expression_attribute_names: HashMap<String, String>,
    expression_attribute_values: HashMap<String, OptionalText>,
}

#[derive(Deserialize)]
struct OptionalText {
    #[serde(rename = "S")]
    text: Option<String>,
}

impl ItemOperation {
    fn partition(self) -> Option<String> {
        self.key.or(self.item).map(|key| key.pk.text)
    }
}

impl Query {
    /// Returns the value that the expression compares with the partition key.
    fn partition(&self) -> Option<String> {
        let comparisons = self.key_condition_expression.split(" AND ");
        let mut equalities = comparisons.filter_map(|comparison| comparison.split_once('='));
        let (_, value) = equalities.find(|(name, _)| {
            let name = name.trim().trim_start_matches('(');
            self.expression_attribute_names.get(name).map_or(name, String::as_str) == "pk"
        })?;
        let value = value.trim().trim_end_matches(')');
        self.expression_attribute_values.get(value)?.text.clone()
    }
}

/// Reads what a request does with which partitions. An operation without items, such as a scan, is an action without
/// partitions. A transaction needs the permissions for the actions of its items.
///
/// Returns `None` if the request cannot be read.
pub(super) fn requested_items(operation: &str, body: &[u8]) -> Option<RequestedItems> {
    let mut requested = RequestedItems::new();
    let mut add = |operation: &str, partitions: &mut dyn Iterator<Item = String>| {
        requested.entry(format!("dynamodb:{operation}")).or_default().extend(partitions);
    };
    match operation {
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" => {
            let request: ItemOperation = serde_json::from_slice(body).ok()?;
            add(operation, &mut request.partition().into_iter());
        }
        "Query" => {
            let request: Query = serde_json::from_slice(body).ok()?;
            add(operation, &mut request.partition().into_iter());
        }
        "BatchGetItem" => {
            let request: BatchRead = serde_json::from_slice(body).ok()?;
            let keys = request.request_items.into_values().flat_map(|requests| requests.keys);
            add(operation, &mut keys.map(|key| key.pk.text));
        }
        "BatchWriteItem" => {
            let request: BatchWrite = serde_json::from_slice(body).ok()?;
            let writes = request.request_items.into_values().flatten().flatten();
            add(operation, &mut writes.filter_map(|(_, write)| write.partition()));
        }
        "TransactGetItems" | "TransactWriteItems" => {
            let request: Transaction = serde_json::from_slice(body).ok()?;
            for (kind, item) in request.transact_items.into_iter().flatten() {
                add(&format!("{kind}Item"), &mut item.partition().into_iter());
            }
        }
        _ => add(operation, &mut std::iter::empty()),
    }
    Some(requested)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn requested(operation: &str, body: &Value) -> Vec<String> {
        let requested = requested_items(operation, body.to_string().as_bytes()).unwrap();
        let describe =
            |(action, keys): (String, Vec<String>)| format!("{action} {}", keys.join(","));
        requested.into_iter().map(describe).collect()
    }

    fn key(pk: &str) -> Value {
        json!({"pk": {"S": pk}, "sk": {"S": "META"}, "other": {"M": {"pk": {"S": "no"}}}})
    }

    #[test]
    fn every_operation_names_its_partitions() {
        let get = json!({"TableName": "t", "Key": key("A#1"), "ConsistentRead": true});
        assert_eq!(requested("GetItem", &get), ["dynamodb:GetItem A#1"]);
        let put = json!({"TableName": "t", "Item": key("A#1")});
        assert_eq!(requested("PutItem", &put), ["dynamodb:PutItem A#1"]);
        let batch = json!({"RequestItems": {"t": {"Keys": [key("A"), key("B")]}}});
        assert_eq!(requested("BatchGetItem", &batch), ["dynamodb:BatchGetItem A,B"]);
        let batch = json!({"RequestItems": {"t": [{"PutRequest": {"Item": key("A")}}, {"DeleteRequest": {"Key": key("B")}}]}});
        assert_eq!(requested("BatchWriteItem", &batch), ["dynamodb:BatchWriteItem A,B"]);
        let transaction = json!({"TransactItems": [{"Put": {"Item": key("A")}}, {"Delete": {"Key": key("B")}},
            {"Put": {"Item": key("C")}}, {"ConditionCheck": {"Key": key("D")}}, {"Update": {"Key": key("E")}}]});
        assert_eq!(
            requested("TransactWriteItems", &transaction),
            [
                "dynamodb:ConditionCheckItem D",
                "dynamodb:DeleteItem B",
                "dynamodb:PutItem A,C",
                "dynamodb:UpdateItem E"
            ]
        );
        let transaction = json!({"TransactItems": [{"Get": {"Key": key("A")}}]});
        assert_eq!(requested("TransactGetItems", &transaction), ["dynamodb:GetItem A"]);
        assert_eq!(requested("Scan", &json!({"TableName": "t"})), ["dynamodb:Scan "]);
    }

    #[test]
    fn a_query_names_its_partition() {
        for expression in
            ["pk = :p AND begins_with(sk, :s)", "#s BETWEEN :s AND :t AND #p = :p", "(pk = :p)"]
        {
            let query = json!({"KeyConditionExpression": expression,
                "ExpressionAttributeNames": {"#p": "pk", "#s": "sk"},
                "ExpressionAttributeValues": {":p": {"S": "A#1"}, ":s": {"S": "x"}, ":t": {"N": "1"}}});
            assert_eq!(requested("Query", &query), ["dynamodb:Query A#1"], "{expression}");
        }
    }

    #[test]
    fn an_unreadable_request_is_recognized() {
        assert_eq!(requested_items("GetItem", b"{"), None);
        assert_eq!(requested_items("GetItem", br#"{"Key":{"pk":{"N":"1"}}}"#), None);
    }
}

//! Straight to the engine, past the stack and past the SDK.

use dynoxide::Database;
use serde_json::{Value, json};

use crate::Engine;

/// A way to the engine that a world's table is in.
#[derive(Clone)]
pub(crate) enum Way {
    Embedded(Database),
    DynamoDbLocal(String),
}

impl Way {
    /// To where the engine behind the faults is.
    pub(crate) fn of(engine: &Engine) -> Self {
        match &engine.embedded {
            Some(database) => Self::Embedded(database.clone()),
            None => Self::DynamoDbLocal(engine.target().to_owned()),
        }
    }

    /// All items of a table whose partition key begins so; without the test's own runtime, which may have
    /// ended, or wait for this.
    pub(crate) fn items_now(&self, table: &str, pk: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut request = json!({
            "TableName": table,
            "ConsistentRead": true,
            "FilterExpression": "begins_with(pk, :pk)",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
        });
        loop {
            let mut page = self.scan(&request);
            items.append(page["Items"].as_array_mut().expect("items"));
            let last = page["LastEvaluatedKey"].take();
            if last.is_null() {
                return items;
            }
            request["ExclusiveStartKey"] = last;
        }
    }

    fn scan(&self, request: &Value) -> Value {
        match self {
            Self::Embedded(database) => {
                let request = serde_json::from_value(request.clone()).unwrap();
                serde_json::to_value(database.scan(request).unwrap()).unwrap()
            }
            Self::DynamoDbLocal(url) => std::thread::scope(|scope| {
                let asking = scope.spawn(|| {
                    let mut runtime = tokio::runtime::Builder::new_current_thread();
                    let runtime = runtime.enable_all().build().unwrap();
                    runtime.block_on(call(&reqwest::Client::new(), url, "Scan", request))
                });
                asking.join().unwrap()
            }),
        }
    }
}

/// An operation of DynamoDB Local's.
pub(crate) async fn call(
    client: &reqwest::Client,
    url: &str,
    operation: &str,
    request: &Value,
) -> Value {
    let request = client
        .post(url)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, \
             SignedHeaders=host, Signature=0",
        )
        .body(request.to_string());
    let answer = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&answer).unwrap()
}

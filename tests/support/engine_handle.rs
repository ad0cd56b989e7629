//! Access to the DynamoDB engine without the stack and without the SDK.

use dynoxide::Database;
use serde_json::{Value, json};

/// A handle to the engine that holds the table of a test app.
#[derive(Clone)]
pub(crate) enum EngineHandle {
    Embedded(Database),
    DynamoDbLocal(String),
}

impl EngineHandle {
    /// Reads all items of a table whose partition key begins with `pk`.
    ///
    /// Does not use the runtime of the test, which may have ended or be blocked by this call.
    pub(crate) fn items_now(&self, table: &str, pk: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut request = json!({
            "TableName": table,
            "ConsistentRead": true,
        });
        if !pk.is_empty() {
            request["FilterExpression"] = json!("begins_with(pk, :pk)");
            request["ExpressionAttributeValues"] = json!({":pk": {"S": pk}});
        }
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
                let (target, request) = ("DynamoDB_20120810.Scan", request.to_string());
                let (status, answer) = local::call_dynamodb(database, target, request.as_bytes());
                assert_eq!(status, 200, "{answer}");
                answer.parse().unwrap()
            }
            Self::DynamoDbLocal(url) => std::thread::scope(|scope| {
                let asking = scope.spawn(|| {
                    let mut runtime = tokio::runtime::Builder::new_current_thread();
                    let runtime = runtime.enable_all().build().unwrap();
                    let client = crate::visitor::plain_http().build().unwrap();
                    runtime.block_on(call(&client, url, "Scan", request))
                });
                asking.join().unwrap()
            }),
        }
    }
}

/// Sends a request to DynamoDB Local and returns the response body.
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
    answer.parse().unwrap()
}

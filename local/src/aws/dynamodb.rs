//! The embedded DynamoDB's protocol: JSON operations that are named by the `x-amz-target` header.
//!
//! The engine has a server for this, which can only be reached through a socket.

use aws_smithy_types::body::SdkBody;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Runs the operation of a request and answers as DynamoDB does.
pub(super) fn handle(database: &Database, request: &Request<SdkBody>) -> Response<SdkBody> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    // The SDK holds the whole body of a JSON request in memory.
    let body = request.body().bytes().unwrap_or_default();
    let (status, json) = call_dynamodb(database, target.unwrap_or_default(), body);
    let mut response = Response::new(SdkBody::from(json));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// Runs the operation that an `x-amz-target` header names. Returns the status and the body of DynamoDB's response.
pub fn call_dynamodb(database: &Database, target: &str, body: &[u8]) -> (StatusCode, String) {
    let operation = target.split_once('.').map_or("", |(_, name)| name);
    match run_operation(database, operation, body) {
        Ok(json) => (StatusCode::OK, json),
        Err(error) => {
            let status = StatusCode::from_u16(error.status_code());
            (status.unwrap_or(StatusCode::BAD_REQUEST), error.to_json())
        }
    }
}

/// Runs the operation with this name. Returns its response as JSON.
fn run_operation(
    database: &Database,
    operation: &str,
    body: &[u8],
) -> Result<String, DynoxideError> {
    match operation {
        "BatchGetItem" => run_json(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run_json(body, |request| database.batch_write_item(request)),
        "CreateTable" => run_json(body, |request| database.create_table(request)),
        "DeleteItem" => run_json(body, |request| database.delete_item(request)),
        "DeleteTable" => run_json(body, |request| database.delete_table(request)),
        "DescribeStream" => run_json(body, |request| database.describe_stream(request)),
        "DescribeTable" => run_json(body, |request| database.describe_table(request)),
        "DescribeTimeToLive" => run_json(body, |request| database.describe_time_to_live(request)),
        "GetItem" => run_json(body, |request| database.get_item(request)),
        "GetRecords" => run_json(body, |request| database.get_records(request)),
        "GetShardIterator" => run_json(body, |request| database.get_shard_iterator(request)),
        "PutItem" => run_json(body, |request| database.put_item(request)),
        "Query" => run_json(body, |request| database.query(request)),
        "Scan" => run_json(body, |request| database.scan(request)),
        "TransactGetItems" => run_json(body, |request| database.transact_get_items(request)),
        "TransactWriteItems" => run_json(body, |request| database.transact_write_items(request)),
        "UpdateItem" => run_json(body, |request| database.update_item(request)),
        "UpdateTimeToLive" => run_json(body, |request| database.update_time_to_live(request)),
        _ => Err(DynoxideError::ValidationException(format!(
            "The local stack does not support the operation \"{operation}\"."
        ))),
    }
}

/// Decodes the request, runs the operation and encodes its response.
fn run_json<Request: DeserializeOwned, Output: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Request) -> Result<Output, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_slice(body)
        .map_err(|error| DynoxideError::SerializationException(error.to_string()))?;
    let response = operation(request)?;
    serde_json::to_string(&response)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(database: &Database, target: &str, body: &'static str) -> (u16, String) {
        let request = Request::post("http://dynamodb.local.internal/")
            .header("x-amz-target", target)
            .body(SdkBody::from(body))
            .unwrap();
        let response = handle(database, &request);
        let body = str::from_utf8(response.body().bytes().unwrap()).unwrap().to_owned();
        (response.status().as_u16(), body)
    }

    #[test]
    fn errors_name_their_exception() {
        let database = Database::memory().unwrap();
        let target = "DynamoDB_20120810.DescribeTable";
        let (status, body) = call(&database, target, r#"{"TableName":"Table"}"#);
        assert_eq!(status, 400);
        assert!(body.contains("#ResourceNotFoundException"), "{body}");
        let (status, body) = call(&database, target, "[");
        assert_eq!(status, 400);
        assert!(body.contains("#SerializationException"), "{body}");
    }

    #[test]
    fn operations_that_the_service_does_not_use_are_refused() {
        let database = Database::memory().unwrap();
        let (status, body) = call(&database, "DynamoDB_20120810.ExecuteStatement", "{}");
        assert_eq!(status, 400);
        assert!(body.contains("ExecuteStatement"), "{body}");
    }
}

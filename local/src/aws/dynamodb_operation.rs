//! The operation of a request to DynamoDB.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// Returns the operation of a request to DynamoDB; `None` if it is one to DynamoDB Streams or another service.
pub(super) fn dynamodb_operation(request: &HttpRequest) -> Option<&str> {
    request.headers().get("x-amz-target")?.strip_prefix("DynamoDB_20120810.")
}

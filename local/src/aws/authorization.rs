//! Refuses requests to DynamoDB, Secrets Manager, SES and SQS that a function's policy does not allow, as IAM does, and
//! records the rights of the others and their shapes at DynamoDB. S3 checks its requests by itself ([`super::s3`]).
//!
//! There is one difference: `BatchGetSecretValue` is refused as a whole if the policy lacks one of the secrets. Secrets
//! Manager returns the other secrets, and an error for each of those.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::http::StatusCode;
use serde_json::json;

use super::dynamodb_operation::dynamodb_operation;
use super::requested_items::{RequestedItems, requested_items};
use super::service_requests::needed_rights;
use super::{REGION, RequestShapes};
use crate::template::{Function, ServicePolicy, TablePolicy};

/// The account in the ARNs of error messages.
const ACCOUNT: &str = "000000000000";

/// Returns settings with which the clients of DynamoDB, Secrets Manager, SES and SQS have only the rights of a
/// function. Their requests are recorded in `request_shapes`.
///
/// # Panics
/// If `sdk` has no HTTP client, which would leave the function all rights.
#[allow(clippy::expect_used)] // the stack always sets an HTTP client
pub(crate) fn sdk_of_function(
    sdk: &SdkConfig,
    function: &Function,
    request_shapes: Option<RequestShapes>,
) -> SdkConfig {
    let inner = sdk.http_client().expect("the stack sets the HTTP client");
    let role = Arc::new(Role::of(function));
    sdk.clone().into_builder().http_client(FunctionClient { inner, role, request_shapes }).build()
}

/// The role of a function.
#[derive(Debug)]
struct Role {
    function: String,
    policy: TablePolicy,
    services: ServicePolicy,
}

impl Role {
    fn of(function: &Function) -> Self {
        let Function { name, policy, services, .. } = function;
        Self { function: name.clone(), policy: policy.clone(), services: services.clone() }
    }

    /// Returns the response that refuses a request; `None` if the request is allowed.
    fn refuse(&self, request: &HttpRequest) -> Option<HttpResponse> {
        self.refuse_at_table(request).or_else(|| self.refuse_at_service(request))
    }

    fn refuse_at_service(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let denied =
            needed_rights(request).into_iter().find(|right| !self.services.allows(right))?;
        let function = self.function.as_str();
        tracing::error!(function, %denied, "the function's policy in template.yaml denies this");
        Some(access_denied(&format!("{function} is not authorized to perform: {denied}")))
    }

    fn refuse_at_table(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let requested = requested(request)?;
        let denied =
            requested.iter().find(|(action, partitions)| !self.policy.allows(action, partitions));
        let (action, partitions) = denied?;
        // Only the first part of a partition key, because the others name users.
        let kinds: Vec<_> = partitions.iter().map(|pk| pk.split('#').next()).collect();
        let function = self.function.as_str();
        tracing::error!(
            function,
            action,
            ?kinds,
            "the function's policy in template.yaml denies this"
        );
        Some(access_denied(&self.message(action)))
    }

    /// Lists the rights that an allowed request uses, each after the name of the function.
    fn used_rights(&self, request: &HttpRequest) -> Vec<String> {
        let requested = requested(request).into_iter().flatten();
        let used = requested
            .flat_map(|(action, partitions)| self.policy.used_rights(&action, &partitions));
        let needed = needed_rights(request);
        let at_services = needed.iter().flat_map(|right| self.services.rights_including(right));
        let used = used.chain(at_services.map(ToString::to_string));
        used.map(|right| format!("{} {right}", self.function)).collect()
    }

    /// Returns IAM's message about a denied action.
    fn message(&self, action: &str) -> String {
        let function = &self.function;
        format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/{function}Role/{function} is not authorized to perform: \
             {action} on resource: arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Table because no identity-based \
             policy allows the {action} action"
        )
    }
}

/// Returns the partition keys that a request to DynamoDB needs, by action.
fn requested(request: &HttpRequest) -> Option<RequestedItems> {
    let operation = dynamodb_operation(request)?;
    // The SDK holds the whole body of a JSON request in memory.
    let body = request.body().bytes().unwrap_or_default();
    // An unreadable request is one without partitions, which no condition allows.
    Some(
        requested_items(operation, body).unwrap_or_else(|| {
            RequestedItems::from([(format!("dynamodb:{operation}"), Vec::new())])
        }),
    )
}

fn access_denied(message: &str) -> HttpResponse {
    let body = json!({
        "__type": "com.amazon.coral.service#AccessDeniedException",
        "Message": message,
    });
    let mut response =
        HttpResponse::new(StatusCode::BAD_REQUEST.into(), SdkBody::from(body.to_string()));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

/// An HTTP client for the SDK that sends only what a role allows, and records what it sends.
#[derive(Clone, Debug)]
struct FunctionClient {
    inner: SharedHttpClient,
    role: Arc<Role>,
    request_shapes: Option<RequestShapes>,
}

impl HttpClient for FunctionClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FunctionConnector {
            inner,
            role: self.role.clone(),
            request_shapes: self.request_shapes.clone(),
        })
    }
}

#[derive(Debug)]
struct FunctionConnector {
    inner: SharedHttpConnector,
    role: Arc<Role>,
    request_shapes: Option<RequestShapes>,
}

impl HttpConnector for FunctionConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(refusal) = self.role.refuse(&request) {
            return HttpConnectorFuture::ready(Ok(refusal));
        }
        if let Some(shapes) = &self.request_shapes {
            shapes.record(&request, self.role.used_rights(&request));
        }
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    fn role(binary: &str) -> Role {
        let template = Template::load().unwrap();
        let function = template.functions.iter().find(|f| f.binary == binary).unwrap();
        Role::of(function)
    }

    fn request(operation: &str, body: &serde_json::Value) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
        request.headers_mut().insert("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        request
    }

    fn key(pk: &str) -> serde_json::Value {
        json!({"pk": {"S": pk}, "sk": {"S": "META"}})
    }

    #[test]
    fn a_role_allows_its_actions_on_its_partitions() {
        let webhooks = role("webhooks");
        let refuses = |operation: &str, body| webhooks.refuse(&request(operation, &body)).is_some();
        assert!(!refuses("GetItem", json!({"Key": key("LEDGER#1")})));
        assert!(!refuses("PutItem", json!({"Item": key("STRIPE#1")})));
        // A foreign partition.
        assert!(refuses("GetItem", json!({"Key": key("EMAIL#a@example.com")})));
        assert!(refuses("PutItem", json!({"Item": key("USER#1")})));
        // An action that it does not have.
        assert!(refuses("DeleteItem", json!({"Key": key("STRIPE#1")})));
        assert!(refuses("Scan", json!({})));
        // One foreign item in a batch or transaction.
        let batch = |keys: &[&str]| {
            let keys: Vec<_> = keys.iter().copied().map(key).collect();
            json!({"RequestItems": {"t": {"Keys": keys}}})
        };
        assert!(!refuses("BatchGetItem", batch(&["LEDGER#1", "CLIENT#1"])));
        assert!(refuses("BatchGetItem", batch(&["LEDGER#1", "EMAIL#a@example.com"])));
        let transaction = |pk| json!({"TransactItems": [{"Put": {"Item": key("STRIPE#1")}}, {"Put": {"Item": key(pk)}}]});
        assert!(!refuses("TransactWriteItems", transaction("LEDGER#1")));
        assert!(refuses("TransactWriteItems", transaction("USER#1")));
        // No keys at all, for which ForAllValues alone would be true.
        assert!(refuses("BatchGetItem", batch(&[])));
        assert!(refuses("GetItem", json!({"Key": "unreadable"})));
    }

    #[test]
    fn a_role_allows_its_actions_at_other_services() {
        let request = |target: &str, body: serde_json::Value| {
            let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
            request.headers_mut().insert("x-amz-target", target.to_owned());
            request
        };
        let send = |queue: &str| {
            let url = format!("https://sqs.us-east-1.amazonaws.com/0/{queue}");
            request("AmazonSQS.SendMessageBatch", json!({"QueueUrl": url}))
        };
        let read = |secret: &str| {
            request("secretsmanager.BatchGetSecretValue", json!({"SecretIdList": [secret]}))
        };
        let (worker, projects) = (role("worker"), role("projects"));
        assert!(worker.refuse(&send("Work.fifo")).is_none());
        assert_eq!(worker.used_rights(&send("Work.fifo")), ["WorkerFunction sqs:SendMessage Work"]);
        assert!(worker.refuse(&send("WorkDeadLetters.fifo")).is_some());
        assert!(projects.refuse(&send("Work.fifo")).is_some());
        assert!(projects.refuse(&read("aius-local-session")).is_none());
        assert!(projects.refuse(&read("aius-local-account")).is_some());
    }

    #[test]
    fn a_function_without_a_policy_is_refused_everything() {
        let refusal = role("dashboard").refuse(&request("GetItem", &json!({"Key": key("A")})));
        let refusal = refusal.unwrap();
        assert_eq!(refusal.status().as_u16(), 400);
        let body = str::from_utf8(refusal.body().bytes().unwrap()).unwrap();
        assert!(body.contains("#AccessDeniedException"), "{body}");
        assert!(
            body.contains("is not authorized to perform: dynamodb:GetItem on resource"),
            "{body}"
        );
    }
}

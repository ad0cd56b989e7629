//! The rights that a request to Secrets Manager, SES or SQS needs.

use std::collections::HashMap;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;

use super::secrets_manager::template_name;
use super::sqs;
use crate::template::ServiceRight;

/// The beginning of the `x-amz-target` of an operation of Secrets Manager.
const SECRETS_MANAGER: &str = "secretsmanager.";

/// The content type of the requests to SES. No other service has it.
const FORM: &str = "application/x-www-form-urlencoded";

/// Returns the rights that a request needs. Requests to other services need none here.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>
pub(super) fn needed_rights(request: &HttpRequest) -> Vec<ServiceRight> {
    let body = request.body().bytes().unwrap_or_default();
    let target = request.headers().get("x-amz-target");
    if let Some(operation) = target.and_then(|target| target.strip_prefix(sqs::TARGET_PREFIX)) {
        return rights_at_sqs(operation, body);
    }
    if let Some(operation) = target.and_then(|target| target.strip_prefix(SECRETS_MANAGER)) {
        return rights_at_secrets_manager(operation, body);
    }
    // SES has no header that names the operation.
    let is_form = request.headers().get("content-type") == Some(FORM);
    if is_form { rights_at_ses(body) } else { Vec::new() }
}

fn right(action: &str, resource: &str) -> ServiceRight {
    ServiceRight { action: action.to_owned(), resource: resource.to_owned() }
}

/// Returns the rights that a call of SQS needs. A batch needs the right of its single operation.
fn rights_at_sqs(operation: &str, body: &[u8]) -> Vec<ServiceRight> {
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let url = request["QueueUrl"].as_str().unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default();
    vec![right(&format!("sqs:{action}"), name.strip_suffix(".fifo").unwrap_or(name))]
}

/// Returns the rights that a call of Secrets Manager needs: a batch, one for all secrets and one to each.
fn rights_at_secrets_manager(operation: &str, body: &[u8]) -> Vec<ServiceRight> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let ids = request["SecretIdList"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let each = ids.map(|id| right("secretsmanager:GetSecretValue", &template_name(id)));
    each.chain([right(&format!("secretsmanager:{operation}"), "*")]).collect()
}

/// Returns the rights that a mail needs: to the sender's identity, and to its configuration set.
fn rights_at_ses(body: &[u8]) -> Vec<ServiceRight> {
    let form: HashMap<_, _> = form_urlencoded::parse(body).collect();
    let action = format!("ses:{}", form.get("Action").map_or("", |action| &**action));
    let set = form.contains_key("ConfigurationSetName").then_some("configuration-set");
    ["identity"].into_iter().chain(set).map(|resource| right(&action, resource)).collect()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;
    use serde_json::json;

    use super::*;

    fn needed(header: (&'static str, &'static str), body: String) -> Vec<String> {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.headers_mut().insert(header.0, header.1);
        needed_rights(&request).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_service_has_its_rights() {
        let queue = json!({"QueueUrl": "https://sqs.us-east-1.amazonaws.com/0/Work.fifo"});
        let batch = needed(("x-amz-target", "AmazonSQS.SendMessageBatch"), queue.to_string());
        assert_eq!(batch, ["sqs:SendMessage Work"]);
        let secrets = json!({"SecretIdList": ["aius-local-storage", "other"]});
        assert_eq!(
            needed(("x-amz-target", "secretsmanager.BatchGetSecretValue"), secrets.to_string()),
            [
                "secretsmanager:GetSecretValue StorageSecret",
                "secretsmanager:GetSecretValue other",
                "secretsmanager:BatchGetSecretValue *",
            ]
        );
        let mail = "Action=SendEmail&Source=a%40example.com&ConfigurationSetName=s";
        let rights = ["ses:SendEmail identity", "ses:SendEmail configuration-set"];
        let form = ("content-type", FORM);
        assert_eq!(needed(form, mail.to_owned()), rights);
        let without_source = needed(form, "Action=VerifyEmailIdentity".to_owned());
        assert_eq!(without_source, ["ses:VerifyEmailIdentity identity"]);
        let read = needed(("x-amz-target", "DynamoDB_20120810.GetItem"), "{}".to_owned());
        assert!(read.is_empty());
        assert!(needed(("content-type", "text/plain"), mail.to_owned()).is_empty());
    }
}

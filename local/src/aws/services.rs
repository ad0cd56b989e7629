//! Secrets Manager, SQS and SES behind one endpoint. The `x-amz-target` header tells them apart.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use winterbaume_core::{MockRequest, MockService};
use winterbaume_secretsmanager::SecretsManagerService;

use super::outbox::Outbox;
use super::ses::Ses;
use super::sqs::{self, Sqs};

/// Secrets Manager, SES and SQS.
pub(super) struct Services {
    secrets_manager: SecretsManagerService,
    ses: Ses,
    sqs: Sqs,
}

impl Services {
    /// Creates a Secrets Manager without secrets, an SES that accepts mail from the domain of `sender`, and an
    /// SQS.
    pub(super) fn new(sender: &str, outbox: Arc<Outbox>, sqs: Sqs) -> Self {
        let ses = Ses::new(sender, outbox, sqs.queues.mail_events.clone());
        Self { secrets_manager: SecretsManagerService::new(), ses, sqs }
    }

    pub(super) fn router(self) -> Router {
        Router::new().fallback(handle).with_state(Arc::new(self))
    }
}

async fn handle(
    State(services): State<Arc<Services>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    if let Some(operation) = target.and_then(|target| target.strip_prefix(sqs::TARGET_PREFIX)) {
        return services.sqs.handle(operation, &body);
    }
    match target {
        Some(target) if target.starts_with("secretsmanager.") => {}
        Some(_) | None => return services.ses.handle(&body),
    }
    let request = MockRequest { method: method.to_string(), uri: uri.to_string(), headers, body };
    let result = services.secrets_manager.handle(request).await;
    let mut response = Response::new(Body::from(result.body));
    *response.headers_mut() = result.headers;
    // The status is always valid.
    *response.status_mut() = result.status.try_into().unwrap_or_default();
    response
}

//! Secrets Manager and SES behind one endpoint, told apart by how a request names its operation.

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

/// The services.
pub(super) struct Services {
    secrets_manager: SecretsManagerService,
    ses: Ses,
}

impl Services {
    /// A Secrets Manager with no secret in it, and an SES that takes mail from `sender`'s domain.
    pub(super) fn new(sender: &str, outbox: Arc<Outbox>) -> Self {
        Self { secrets_manager: SecretsManagerService::new(), ses: Ses::new(sender, outbox) }
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
    let for_secrets_manager = headers
        .get("x-amz-target")
        .is_some_and(|target| target.as_bytes().starts_with(b"secretsmanager."));
    if !for_secrets_manager {
        return services.ses.handle(&body);
    }
    let request = MockRequest { method: method.to_string(), uri: uri.to_string(), headers, body };
    let answer = services.secrets_manager.handle(request).await;
    let mut response = Response::new(Body::from(answer.body));
    *response.headers_mut() = answer.headers;
    // What it answers with is always a status.
    *response.status_mut() = answer.status.try_into().unwrap_or_default();
    response
}

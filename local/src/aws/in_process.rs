//! An HTTP client for the SDK that calls embedded services in this process, without a socket.
//!
//! The SDK signs, retries and times out as it does over a network. Requests to any other host go out as
//! ordinary HTTP.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::Router;
use axum::body::Body;
use axum::http::header::HOST;
use axum::http::{HeaderValue, Method, Request, Response};
use dynoxide::Database;
use shared::https::HttpsClient;
use shared::random::{Random, SystemRandom};
use tower::ServiceExt;

use super::dynamodb;

/// A service that answers in this process.
#[derive(Clone)]
pub(super) enum InProcessService {
    /// The embedded DynamoDB and its streams.
    DynamoDb(Database),
    /// A service that is written as an axum router.
    Router(Router),
}

/// An HTTP client that finds embedded services by the host and port of a request.
#[derive(Clone)]
pub(super) struct InProcessClient {
    services: Arc<HashMap<String, InProcessService>>,
    /// The client for every other host.
    network: HttpsClient,
    /// Whether calls let other tasks run several times.
    interleaves: bool,
}

impl InProcessClient {
    /// Creates a client for services by authority, such as `dynamodb.local.internal` or `127.0.0.1:4000`.
    pub(super) fn new(
        services: HashMap<String, InProcessService>,
        network: HttpsClient,
        interleaves: bool,
    ) -> Self {
        Self { services: Arc::new(services), network, interleaves }
    }
}

impl fmt::Debug for InProcessClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InProcessClient").field(&self.services.keys()).finish()
    }
}

impl HttpClient for InProcessClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            client: self.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

struct Connector {
    client: InProcessClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connector").field(&self.client).finish()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.client.services.get(authority(request.uri())).cloned() {
            Some(service) => {
                HttpConnectorFuture::new(call_service(service, request, self.client.interleaves))
            }
            None => {
                let network = &self.client.network;
                network.http_connector(&self.settings, &self.components).call(request)
            }
        }
    }
}

/// Returns the host and port of an absolute URI.
fn authority(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

async fn call_service(
    service: InProcessService,
    request: HttpRequest,
    interleaves: bool,
) -> Result<HttpResponse, ConnectorError> {
    let random: &dyn Random = &SystemRandom;
    let [random] = if interleaves { random.bytes() } else { [0] };
    yield_to_others(random).await;
    let request = request.try_into_http1x().map_err(user_error)?;
    let response = match service {
        InProcessService::DynamoDb(database) => dynamodb::handle(&database, &request),
        InProcessService::Router(router) => call_router(router, request).await?,
    };
    // Other tasks also run between the effect of a call and its response.
    yield_to_others(random >> 2).await;
    HttpResponse::try_from(response).map_err(user_error)
}

async fn call_router(
    router: Router,
    request: Request<SdkBody>,
) -> Result<Response<SdkBody>, ConnectorError> {
    let (mut parts, body) = request.into_parts();
    // HTTP libraries add this header when they send a request, and S3 verifies it with the signature.
    if let Some(authority) = parts.uri.authority()
        && !parts.headers.contains_key(HOST)
    {
        let host = HeaderValue::from_str(authority.as_str()).map_err(user_error)?;
        parts.headers.insert(HOST, host);
    }
    // Servers never send the body of a response to HEAD.
    let has_body = parts.method != Method::HEAD;
    let request = Request::from_parts(parts, Body::new(body));
    let response = router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
    let (parts, body) = response.into_parts();
    let body = if has_body {
        SdkBody::from(axum::body::to_bytes(body, usize::MAX).await.map_err(io_error)?)
    } else {
        SdkBody::empty()
    };
    Ok(Response::from_parts(parts, body))
}

/// Lets other tasks run one to four times, by the last two bits of `number`. Without random numbers, a handler would
/// hardly be interrupted, and requests that arrive at once would seldom meet each other as they do over a network.
///
/// Yields at least once, so that calls that a handler starts together are under way together.
async fn yield_to_others(number: u8) {
    for _ in 0..=number % 4 {
        tokio::task::yield_now().await;
    }
}

fn user_error(error: impl std::error::Error + Send + Sync + 'static) -> ConnectorError {
    ConnectorError::user(Box::new(error))
}

fn io_error(error: impl std::error::Error + Send + Sync + 'static) -> ConnectorError {
    ConnectorError::io(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_has_one_authority() {
        for (uri, expected) in [
            ("http://dynamodb.local.internal/", "dynamodb.local.internal"),
            ("http://127.0.0.1:4000/bucket/key?x-id=GetObject", "127.0.0.1:4000"),
            ("http://127.0.0.1:4000?list-type=2", "127.0.0.1:4000"),
            ("/path", ""),
        ] {
            assert_eq!(authority(uri), expected, "{uri}");
        }
    }
}

//! The HTTP client of the process, for AWS and every other service.
//!
//! A process has one, so that trusted certificates are read once. The AWS SDK would read those of the machine, about
//! 140, for each of its clients, which is a third of the time that a function takes to start. Calls of AWS need five.
//! `docs/decisions/https.md` has the reasons.

mod connector;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response};

use connector::Connectors;

/// The HTTP client of the process. Cheap to clone; clones share their connections. Creating one reads and opens
/// nothing. It follows no redirects, and reads no proxy from the environment.
#[derive(Clone, Default)]
pub struct HttpsClient(Arc<Connectors>);

/// The limits of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLimits {
    /// The timeout from the start of the request to the end of the response.
    pub(crate) timeout: Duration,
    /// The maximum size of the response's body, in bytes.
    pub(crate) max_response_bytes: usize,
}

/// The reason why a request got no response. It contains no URL, no header and no body.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpsError {
    #[error("the request is invalid")]
    Invalid,
    #[error("no response")]
    NoResponse(#[source] ConnectorError),
    #[error("no whole response within {} ms", .0.as_millis())]
    TimedOut(Duration),
    #[error("a response of more than {0} bytes, or the connection broke in it")]
    Body(usize),
}

impl HttpsClient {
    /// Sends a request and receives the whole response.
    ///
    /// # Errors
    /// An [`HttpsError`] if no whole response arrives within the limits. A response with any status is a success.
    pub(crate) async fn send(
        &self,
        request: Request<Bytes>,
        limits: RequestLimits,
    ) -> Result<Response<Bytes>, HttpsError> {
        let request = request.map(SdkBody::from);
        let request = HttpRequest::try_from(request).map_err(|_| HttpsError::Invalid)?;
        let RequestLimits { timeout, max_response_bytes } = limits;
        let received = tokio::time::timeout(timeout, self.receive(request, max_response_bytes));
        received.await.unwrap_or(Err(HttpsError::TimedOut(timeout)))
    }

    async fn receive(
        &self,
        request: HttpRequest,
        max_response_bytes: usize,
    ) -> Result<Response<Bytes>, HttpsError> {
        let response = self.call(request).await.map_err(HttpsError::NoResponse)?;
        let response = response.try_into_http1x().map_err(|_| HttpsError::Invalid)?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), max_response_bytes).await;
        let body = body.map_err(|_| HttpsError::Body(max_response_bytes))?;
        Ok(Response::from_parts(parts, body))
    }
}

impl HttpConnector for HttpsClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connectors = self.0.clone();
        HttpConnectorFuture::new(async move { connectors.call(request).await })
    }
}

impl HttpClient for HttpsClient {
    /// Returns the same connections for all clients of the AWS SDK, whose settings differ only in timeouts.
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl fmt::Debug for HttpsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpsClient")
    }
}

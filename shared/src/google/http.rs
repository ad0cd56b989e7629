//! Requests to the OpenID provider.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use crate::https::{HttpsClient, HttpsError, RequestLimits};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum bytes of a response. Google's have a few thousand.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

const LIMITS: RequestLimits =
    RequestLimits { timeout: REQUEST_TIMEOUT, max_response_bytes: MAX_RESPONSE_BYTES };

/// The client of the process for the library. It follows no redirects, so that no other host receives the client
/// secret.
#[derive(Debug)]
pub(super) struct HttpClient(HttpsClient);

impl HttpClient {
    pub(super) fn new(https: HttpsClient) -> Self {
        Self(https)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpsError> {
        let response = self.0.send(request.map(Bytes::from), LIMITS).await?;
        Ok(response.map(|body| body.to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpsError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpsError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send(request).boxed()
    }
}

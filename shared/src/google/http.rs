//! The HTTP client for requests to the OpenID provider.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// Timeout for connecting, which normally takes one or two round trips.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Timeout for one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum bytes of a response. Google's have a few thousand.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// An HTTP client that follows no redirects, so that no other host receives the client secret.
#[derive(Debug)]
pub(super) struct HttpClient(reqwest::Client);

/// The reason why a request failed. It contains no URL and no response.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("no response")]
    NoResponse(#[source] reqwest::Error),
    #[error("a response of more than {MAX_RESPONSE_BYTES} bytes")]
    TooLong,
    #[error("an invalid response")]
    Invalid(#[source] openidconnect::http::Error),
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        Self::NoResponse(error.without_url())
    }
}

impl HttpClient {
    pub(super) fn new() -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .build()?;
        Ok(Self(client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut received = self.0.execute(request.try_into()?).await?;
        let mut response = openidconnect::http::Response::builder().status(received.status());
        for (name, value) in received.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = received.chunk().await? {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body).map_err(HttpError::Invalid)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send(request).boxed()
    }
}

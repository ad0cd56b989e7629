//! HTTP to the provider, as `openidconnect` asks for it.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// A connection takes a round trip or two; what takes longer is lost.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// One call, whole.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Longest answer, in bytes. Google's are a few thousand.
const MOST_BYTES: usize = 256 * 1024;

/// A client that follows no redirects: nobody but the provider is asked, or told the client's secret.
#[derive(Debug)]
pub(super) struct HttpClient(reqwest::Client);

/// Why there is no answer. Names no address and quotes no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("no answer")]
    Unanswered(#[source] reqwest::Error),
    #[error("an answer of more than {MOST_BYTES} bytes")]
    TooLong,
    #[error("an answer that can't be read")]
    Unreadable(#[source] openidconnect::http::Error),
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unanswered(error.without_url())
    }
}

impl HttpClient {
    pub(super) fn new() -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self(client))
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut response = openidconnect::http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body).map_err(HttpError::Unreadable)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.answer(request).boxed()
    }
}

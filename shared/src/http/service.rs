//! What every function has around its routes: both base paths, the headers of every answer, a line
//! in the log with what the request cost, and a 500 in the contract's form for a panic.

use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::requester::request_id;
use crate::clock::Stopwatch;
use crate::dynamo::meter;
use crate::error::Error;

/// The public base is `https://aius.co/api/v1`; behind it every route also answers without `/api`.
const PUBLIC_PREFIX: &str = "/api";

/// How long a request may take, in seconds: less than the functions' `Timeout` in `template.yaml`, of
/// which nothing would come but API Gateway's own 500. A commit that is on its way then happens as a
/// whole or not at all, as with a connection that breaks.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// Headers of every answer, unless the handler (a page) set its own.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        header::STRICT_TRANSPORT_SECURITY,
        // Two years, what the preload list asks for (https://hstspreload.org).
        HeaderValue::from_static("max-age=63072000; includeSubDomains"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A function's routes, ready for `lambda_http`.
#[derive(Clone)]
pub struct Service(Router);

/// Puts around a function's routes what all functions have in common.
pub fn service<S: Clone + Send + Sync + 'static>(routes: Router<S>, state: S) -> Service {
    patient_service(routes, state, PATIENCE)
}

fn patient_service<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    state: S,
    patience: Duration,
) -> Service {
    let routes = routes
        .fallback(async || Error::NotFound)
        // axum adds the `Allow` header itself.
        .method_not_allowed_fallback(async || Error::MethodNotAllowed(String::new()))
        .layer(middleware::from_fn_with_state(patience, around))
        .with_state(state);
    Service(routes)
}

async fn around(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    // API Gateway names every request.
    let id = request_id(request.extensions()).unwrap_or_default();
    let method = request.method().clone();
    // The route's pattern, never the path: that may hold what somebody typed.
    let route =
        request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let handled = tokio::time::timeout(patience, next.run(request));
    let handled = AssertUnwindSafe(handled).catch_unwind();
    let (handled, usage) = meter::measure(handled).await;
    let failed = |error: Error| error.into_response();
    let mut response = match handled {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => failed(Error::Unavailable("the request took too long".into())),
        // The panic's own message has gone to standard error.
        Err(_) => failed(Error::internal(format!("a handler panicked: {method} {route}"))),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    tracing::info!(
        request_id = id,
        method = method.as_str(),
        route,
        status = response.status().as_u16(),
        milliseconds = watch.milliseconds(),
        dynamodb_calls = usage.calls,
        dynamodb_trips = usage.trips,
        dynamodb_rcu = usage.rcu,
        dynamodb_wcu = usage.wcu,
        "request"
    );
    response
}

impl<B> tower::Service<axum::http::Request<B>> for Service
where
    B: axum::body::HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::http::Request<B>) -> Self::Future {
        let mut request = request.map(Body::new);
        if let Some(uri) = without_public_prefix(request.uri()) {
            *request.uri_mut() = uri;
        }
        let routes = self.0.clone();
        Box::pin(async move { tower::ServiceExt::oneshot(routes, request).await })
    }
}

fn without_public_prefix(uri: &Uri) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(PUBLIC_PREFIX)?;
    if !rest.starts_with('/') {
        return None;
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_answered_503() {
        let endless = async || std::future::pending::<()>().await;
        let routes = Router::new().route("/v1/endless", axum::routing::get(endless));
        let service = patient_service(routes, (), Duration::from_millis(1));
        let request = axum::http::Request::get("/v1/endless").body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(service, request).await.unwrap();
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }

    #[test]
    fn only_a_whole_api_segment_is_taken_off() {
        let path = |uri: &'static str| {
            without_public_prefix(&Uri::from_static(uri)).map(|uri| uri.to_string())
        };
        assert_eq!(path("/api/v1/me?x=/api").as_deref(), Some("/v1/me?x=/api"));
        assert_eq!(path("https://aius.co/api/v1/me").as_deref(), Some("https://aius.co/v1/me"));
        assert_eq!(path("/apis/v1/me"), None);
        assert_eq!(path("/v1/api/me"), None);
        assert_eq!(path("/api"), None);
    }
}

//! The service around the routes of every function: both base paths, the headers of every response, the
//! timeout, and a 500 for a panic.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use super::request_log::{self, RequestLog};
use super::request_metrics::FunctionMetrics;
use super::requester::request_id;
use super::{Rejection, Routes};
use crate::cause::caused_by;
use crate::context::Context;
use crate::dynamo::meter;
use crate::error::Error;

/// Prefix of the public base URL `https://aius.co/api/v1`. Every route also works without it.
const PUBLIC_PREFIX: &str = "/api";

/// Longest duration of a request. It is shorter than the functions' `Timeout` in `template.yaml`, after
/// which API Gateway would answer with a 500 of its own. A commit that is in flight at the timeout still
/// happens as a whole or not at all, as after a broken connection.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);

/// Headers of every response, with [`strict_transport_security`]. A handler (of an HTML page) may set its own values.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    // The query of a page can hold a token from a mail. `no-referrer` would send `Origin: null` with the page's form.
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
];

/// Returns the value of `Strict-Transport-Security`: two years, what the preload list asks for
/// (<https://hstspreload.org>). The list also requires `includeSubDomains`, which binds sites that are not ours.
const fn strict_transport_security(include_subdomains: bool) -> HeaderValue {
    HeaderValue::from_static(if include_subdomains {
        "max-age=63072000; includeSubDomains"
    } else {
        "max-age=63072000"
    })
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The service of a function, for `lambda_http`.
pub struct HttpService<S: 'static = Context>(Arc<Inner<S>>);

struct Inner<S: 'static> {
    routes: Routes<S>,
    state: S,
    wrapping: Wrapping,
    /// The routers of the patterns that were requested. `None` is the one of all other paths.
    routers: Mutex<HashMap<Option<&'static str>, Router>>,
}

/// What surrounds each request of a function.
#[derive(Clone)]
struct Wrapping {
    timeout: Duration,
    function: Arc<FunctionMetrics>,
    strict_transport_security: HeaderValue,
}

/// Creates the service of a function from its routes.
pub fn create_service(routes: Routes<Context>, ctx: Context) -> HttpService {
    let function = FunctionMetrics::new(routes.service(), ctx.config.metrics_namespace.as_deref());
    let wrapping = Wrapping {
        timeout: REQUEST_TIMEOUT,
        function: Arc::new(function),
        strict_transport_security: strict_transport_security(ctx.config.hsts_include_subdomains),
    };
    create_wrapped(routes, ctx, wrapping)
}

fn create_wrapped<S>(routes: Routes<S>, state: S, wrapping: Wrapping) -> HttpService<S> {
    HttpService(Arc::new(Inner { routes, state, wrapping, routers: Mutex::default() }))
}

impl<S> Clone for HttpService<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Clone + Send + Sync + 'static> Inner<S> {
    /// Returns the router of a path, which the first request to its route creates.
    fn router(&self, path: &str) -> Router {
        let pattern = self.routes.pattern(path);
        let mut routers = self.routers.lock().unwrap_or_else(PoisonError::into_inner);
        routers.entry(pattern).or_insert_with(|| self.create_router(pattern)).clone()
    }

    fn create_router(&self, pattern: Option<&str>) -> Router {
        let router = pattern.map_or_else(Router::new, |pattern| self.routes.router(pattern));
        router
            .fallback(async || Rejection::from(Error::NotFound))
            // axum adds the `Allow` header itself.
            .method_not_allowed_fallback(async || Rejection::MethodNotAllowed(String::new()))
            .layer(middleware::from_fn_with_state(self.wrapping.clone(), wrap))
            .with_state(self.state.clone())
    }
}

async fn wrap(State(wrapping): State<Wrapping>, request: Request, next: Next) -> Response {
    // API Gateway gives every request an id.
    let cause = request_id(request.extensions());
    let id = cause.clone().unwrap_or_default();
    let span = request_log::span(&id, request.extensions());
    let response = caused_by(cause, respond(wrapping, request, next));
    let mut response = response.instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Responds to a request within the timeout, and logs a line about it.
async fn respond(wrapping: Wrapping, request: Request, next: Next) -> Response {
    let Wrapping { timeout, function, strict_transport_security } = wrapping;
    let log = RequestLog::start(&request, function);
    let handled = tokio::time::timeout(timeout, next.run(request));
    let handled = AssertUnwindSafe(handled).catch_unwind();
    let (handled, usage) = meter::measure(handled).await;
    let failed = |error: Error| Rejection::from(error).into_response();
    let mut response = match handled {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => failed(Error::Unavailable("the request timed out".into())),
        // The panic hook has written the message to standard error.
        Err(_) => failed(Error::internal(format!("a handler panicked: {log}"))),
    };
    let headers = response.headers_mut();
    let hsts = (header::STRICT_TRANSPORT_SECURITY, strict_transport_security);
    for (name, value) in HEADERS.into_iter().chain([hsts]) {
        headers.entry(name).or_insert(value);
    }
    log.write(response.status(), &usage);
    response
}

impl<B, S> tower::Service<axum::http::Request<B>> for HttpService<S>
where
    S: Clone + Send + Sync + 'static,
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
        let router = self.0.router(request.uri().path());
        Box::pin(async move { tower::ServiceExt::oneshot(router, request).await })
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
    use axum::routing::get;

    use super::*;
    use crate::http::Route;

    fn wrapping(include_subdomains: bool) -> Wrapping {
        Wrapping {
            timeout: REQUEST_TIMEOUT,
            function: Arc::new(FunctionMetrics::new("test", None)),
            strict_transport_security: strict_transport_security(include_subdomains),
        }
    }

    fn service(routes: &'static [Route<()>], wrapping: Wrapping) -> HttpService<()> {
        create_wrapped(Routes::new("test", routes), (), wrapping)
    }

    #[tokio::test]
    async fn subdomains_are_bound_to_https_only_if_configured() {
        const TEXT: &[Route<()>] = &[Route::new("/v1/text", || get(async || "text"))];
        for (include_subdomains, expected) in
            [(false, "max-age=63072000"), (true, "max-age=63072000; includeSubDomains")]
        {
            let service = service(TEXT, wrapping(include_subdomains));
            for path in ["/v1/text", "/v1/nothing"] {
                let request = axum::http::Request::get(path).body(Body::empty()).unwrap();
                let answer = tower::ServiceExt::oneshot(service.clone(), request).await.unwrap();
                assert_eq!(answer.headers()["strict-transport-security"], expected, "{path}");
            }
        }
    }

    #[tokio::test]
    async fn a_request_that_times_out_gets_503() {
        const ENDLESS: &[Route<()>] =
            &[Route::new("/v1/endless", || get(async || std::future::pending::<()>().await))];
        let timeout = Duration::from_millis(1);
        let service = service(ENDLESS, Wrapping { timeout, ..wrapping(false) });
        let request = axum::http::Request::get("/v1/endless").body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(service, request).await.unwrap();
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }

    #[tokio::test]
    async fn a_response_to_head_has_headers_and_no_body() {
        const TEXT: &[Route<()>] = &[Route::new("/v1/text", || get(async || "text"))];
        let service = service(TEXT, wrapping(false));
        for (path, status) in [("/v1/text", 200), ("/v1/nothing", 404)] {
            let request = axum::http::Request::head(path).body(Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(service.clone(), request).await.unwrap();
            assert_eq!(answer.status(), status);
            assert!(answer.headers().contains_key("content-type"));
            assert!(axum::body::to_bytes(answer.into_body(), 9).await.unwrap().is_empty());
        }
    }

    #[test]
    fn strips_only_a_whole_api_segment() {
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

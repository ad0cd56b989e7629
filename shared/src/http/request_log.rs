//! The log line of each request, and the fields of every other line of the request.

use std::fmt;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::{Extensions, Method, StatusCode};
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use tracing::Span;

use super::request_metrics::FunctionMetrics;
use crate::clock::Stopwatch;
use crate::dynamo::meter::Usage;
use crate::trace_id::parse_trace_id;

/// Creates the span of a request. Every log line of the request has the fields of the span.
pub(super) fn span(request_id: &str, extensions: &Extensions) -> Span {
    // Lambda passes the trace of API Gateway, or begins one.
    let invocation = extensions.lambda_context_ref();
    let trace = invocation.and_then(|invocation| invocation.xray_trace_id.as_deref());
    // The level of an error, so that the span exists at every `LogLevel`.
    tracing::error_span!("request", request_id, trace_id = trace.and_then(parse_trace_id))
}

/// What the log line of a request states about it.
pub(super) struct RequestLog {
    method: Method,
    route: String,
    /// When API Gateway received the request, in milliseconds since 1970.
    received_at: Option<i64>,
    is_cold_start: bool,
    watch: Stopwatch,
    function: Arc<FunctionMetrics>,
}

impl RequestLog {
    /// Starts to measure a request.
    pub(super) fn start(request: &Request, function: Arc<FunctionMetrics>) -> Self {
        // The log gets the route's pattern, never the path, which may hold a caller's input.
        let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
        let (method, route) = (request.method().clone(), route.to_owned());
        let received_at = received_at(request.extensions());
        let is_cold_start = function.is_cold_start();
        Self { method, route, received_at, is_cold_start, watch: Stopwatch::start(), function }
    }

    /// Writes the line of a request that was answered. The fields that [`FunctionMetrics::describe`] names are metrics.
    pub(super) fn write(&self, status: StatusCode, usage: &Usage) {
        let metrics = self.received_at.and_then(|at| self.function.describe(at, status));
        tracing::info!(
            service = self.function.service(),
            method = self.method.as_str(),
            route = self.route,
            status = status.as_u16(),
            status_2xx = u8::from(status.is_success()),
            status_4xx = u8::from(status.is_client_error()),
            status_5xx = u8::from(status.is_server_error()),
            milliseconds = self.watch.milliseconds(),
            cold_start = u8::from(self.is_cold_start),
            conflicts = usage.conflicts,
            dynamodb_calls = usage.calls,
            dynamodb_trips = usage.trips,
            dynamodb_rcu = usage.rcu,
            dynamodb_wcu = usage.wcu,
            _aws = metrics.as_deref(),
            "request"
        );
    }
}

/// Returns when API Gateway received the request, in milliseconds since 1970.
fn received_at(extensions: &Extensions) -> Option<i64> {
    match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => Some(context.time_epoch),
        Some(_) | None => None,
    }
}

impl fmt::Display for RequestLog {
    /// Writes method and route, such as `GET /v1/me`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.route)
    }
}

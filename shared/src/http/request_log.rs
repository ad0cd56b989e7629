//! The log line of each request, and the fields of every other line of the request.

use std::fmt;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use tracing::Span;

use crate::clock::Stopwatch;
use crate::dynamo::meter::Usage;

/// Creates the span of a request. Every log line of the request has the fields of the span.
pub(super) fn span(request_id: &str) -> Span {
    // The level of an error, so that the span exists at every `LogLevel`.
    tracing::error_span!("request", request_id)
}

/// What the log line of a request states about it.
pub(super) struct RequestLog {
    method: Method,
    route: String,
    watch: Stopwatch,
}

impl RequestLog {
    /// Starts to measure a request.
    pub(super) fn start(request: &Request) -> Self {
        // The log gets the route's pattern, never the path, which may hold a caller's input.
        let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
        let (method, route) = (request.method().clone(), route.to_owned());
        Self { method, route, watch: Stopwatch::start() }
    }

    /// Writes the line of a request that was answered.
    pub(super) fn write(&self, status: StatusCode, usage: &Usage) {
        tracing::info!(
            method = self.method.as_str(),
            route = self.route,
            status = status.as_u16(),
            milliseconds = self.watch.milliseconds(),
            dynamodb_calls = usage.calls,
            dynamodb_trips = usage.trips,
            dynamodb_rcu = usage.rcu,
            dynamodb_wcu = usage.wcu,
            "request"
        );
    }
}

impl fmt::Display for RequestLog {
    /// Writes method and route, such as `GET /v1/me`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.route)
    }
}

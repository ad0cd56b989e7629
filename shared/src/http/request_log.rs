//! The log line of each request. `docs/DEPLOY.md` describes its fields, on which metrics are built.

use axum::http::{Method, StatusCode};

use crate::clock::Stopwatch;
use crate::dynamo::meter::Usage;

/// Logs a request. `route` is the pattern of the path, which holds no input of the caller. The request's id is in
/// the surrounding span.
pub(super) fn log_request(
    method: &Method,
    route: &str,
    status: StatusCode,
    watch: Stopwatch,
    usage: &Usage,
) {
    tracing::info!(
        method = method.as_str(),
        route,
        status = status.as_u16(),
        milliseconds = watch.milliseconds(),
        dynamodb_calls = usage.calls,
        dynamodb_trips = usage.trips,
        dynamodb_rcu = usage.rcu,
        dynamodb_wcu = usage.wcu,
        "request"
    );
}

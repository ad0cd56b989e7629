//! The metrics in the log line of a request, in CloudWatch's embedded metric format. CloudWatch reads the values of
//! the metrics from fields of the same line.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use serde_json::{Value, json};

/// Fields of the line that are metrics of each function.
const FUNCTION_METRICS: [&str; 7] = [
    "status_2xx",
    "status_4xx",
    "status_5xx",
    "conflicts",
    "dynamodb_rcu",
    "dynamodb_wcu",
    "cold_start",
];

/// What all requests of a function share: its name, the namespace of its metrics, and whether it had a request.
pub(super) struct FunctionMetrics {
    /// The name of the function's crate, such as `auth`.
    service: &'static str,
    /// `None` if the lines have no metrics.
    directives: Option<Directives>,
    had_request: AtomicBool,
}

impl FunctionMetrics {
    /// Creates the metrics of a function that had no request.
    pub(super) fn new(service: &'static str, namespace: Option<&str>) -> Self {
        let directives = namespace.map(Directives::new);
        Self { service, directives, had_request: AtomicBool::new(false) }
    }

    /// Returns the name of the function's crate.
    pub(super) const fn service(&self) -> &'static str {
        self.service
    }

    /// Returns whether this is the first request since the process started, and counts it.
    pub(super) fn is_cold_start(&self) -> bool {
        !self.had_request.swap(true, Ordering::Relaxed)
    }

    /// Returns the member `_aws` of the line of a request, which names the metrics and their dimensions. `None` without
    /// a namespace. `received_at` is in milliseconds since 1970.
    ///
    /// A metric costs for each combination of its dimensions, and only in hours in which it is written
    /// (`docs/COSTS.md`). So a route has few metrics: its latency, and its errors if there are any.
    pub(super) fn describe(&self, received_at: i64, status: StatusCode) -> Option<String> {
        let directives = self.directives.as_ref()?;
        let directives = if status.is_server_error() {
            &directives.of_server_errors
        } else {
            &directives.of_all_others
        };
        Some(format!(r#"{{"Timestamp":{received_at},"CloudWatchMetrics":{directives}}}"#))
    }
}

/// The member `CloudWatchMetrics` as JSON. It is the same for all requests of a function, except for server errors.
struct Directives {
    of_server_errors: String,
    of_all_others: String,
}

impl Directives {
    fn new(namespace: &str) -> Self {
        let latency = json!({"Name": "milliseconds", "Unit": "Milliseconds"});
        let named = |name: &str| json!({"Name": name});
        let of_function = std::iter::once(latency.clone()).chain(FUNCTION_METRICS.map(named));
        let of_function = directive(namespace, &["service"], &of_function.collect::<Vec<_>>());
        let with_route_metrics = |metrics: &[Value]| {
            let of_route = directive(namespace, &["service", "route"], metrics);
            json!([of_function, of_route]).to_string()
        };
        Self {
            of_server_errors: with_route_metrics(&[latency.clone(), named("status_5xx")]),
            of_all_others: with_route_metrics(&[latency]),
        }
    }
}

/// Returns the description of metrics that have the same dimensions.
fn directive(namespace: &str, dimensions: &[&str], metrics: &[Value]) -> Value {
    json!({"Namespace": namespace, "Dimensions": [dimensions], "Metrics": metrics})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_errors_only_if_there_are_any() {
        let metrics = FunctionMetrics::new("auth", Some("n"));
        for (status, names) in [
            (StatusCode::OK, json!(["milliseconds"])),
            (StatusCode::NOT_FOUND, json!(["milliseconds"])),
            (StatusCode::SERVICE_UNAVAILABLE, json!(["milliseconds", "status_5xx"])),
        ] {
            let described: Value =
                serde_json::from_str(&metrics.describe(1, status).unwrap()).unwrap();
            let of_route = &described["CloudWatchMetrics"][1]["Metrics"];
            let found: Vec<_> =
                of_route.as_array().unwrap().iter().map(|metric| &metric["Name"]).collect();
            assert_eq!(json!(found), names);
        }
    }

    #[test]
    fn without_a_namespace_there_are_no_metrics() {
        assert_eq!(FunctionMetrics::new("auth", None).describe(1, StatusCode::OK), None);
    }

    #[test]
    fn only_the_first_request_is_a_cold_start() {
        let metrics = FunctionMetrics::new("auth", None);
        assert_eq!([(); 3].map(|()| metrics.is_cold_start()), [true, false, false]);
    }
}

//! The log: JSON lines on standard output, which Lambda sends to CloudWatch.
//!
//! A line has a constant message, and fields. Every line of a request or an invocation has its
//! `request_id`; a line about background work also has the `cause_request_id` of the request that caused it. The line
//! of a request is also a record of CloudWatch's embedded metric format. The log never holds an email address, a name,
//! a code, a token, a password, a body, a header or a caller's path; `tests/checks/logs.rs` checks that. Each failure
//! is logged once.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::subscriber::set_global_default;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{
    FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter, format,
};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

/// The crates of this workspace that run in functions or in the local stack.
const CRATES: [&str; 12] = [
    "shared",
    "admin",
    "auth",
    "billing",
    "clients",
    "dashboard",
    "local",
    "passkeys",
    "projects",
    "tokens",
    "webhooks",
    "worker",
];

/// Starts the log of the process. Lambda sets the lowest level in `AWS_LAMBDA_LOG_LEVEL` (the template's
/// `LogLevel`); the default is `info`.
pub fn init() {
    let level = std::env::vars().find(|(name, _)| name == "AWS_LAMBDA_LOG_LEVEL");
    let level = level.map_or_else(|| "info".to_owned(), |(_, level)| level.to_ascii_lowercase());
    init_to(std::io::stdout, &filter(&level));
}

/// Starts the log of the process with another writer and filter.
pub fn init_to(writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static, filter: &str) {
    // An error means that a test has started the log before. The first one stays.
    let _ = set_global_default(subscriber(writer, filter));
}

/// Creates the subscriber that writes events to `writer` as JSON lines.
pub fn subscriber<W>(writer: W, filter: &str) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let json = format().json().flatten_event(true).with_current_span(false).with_span_list(false);
    tracing_subscriber::fmt()
        .event_format(JsonLine(json))
        .fmt_fields(JsonFields::new())
        .with_max_level(LevelFilter::TRACE)
        .with_writer(writer)
        .finish()
        .with(targets(filter))
}

/// Formats an event as one JSON object with its own fields and those of the spans around it.
struct JsonLine(Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut object = String::new();
        self.0.format_event(context, Writer::new(&mut object), event)?;
        if let Some(metrics) = metrics(event) {
            let quoted = serde_json::to_string(&metrics).map_err(|_| fmt::Error)?;
            // In the value of another field, the quotes of the name would have backslashes before them.
            let value = object.find(METRICS_NAME).map(|name| name + METRICS_NAME.len());
            if let Some(value) = value.filter(|value| object[*value..].starts_with(&quoted)) {
                object.replace_range(value..value + quoted.len(), &metrics);
            }
        }
        let object = object.trim_end();
        write!(writer, "{}", object.strip_suffix('}').unwrap_or(object))?;
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>();
            let fields = fields.and_then(|fields| fields.strip_prefix('{')?.strip_suffix('}'));
            if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
                write!(writer, ",{fields}")?;
            }
        }
        writeln!(writer, "}}")
    }
}

/// Field with the description of an event's metrics. Its value is JSON, which the line has as an object and not as a
/// text: a field of an event cannot be an object.
const METRICS_FIELD: &str = "_aws";

/// The beginning of the field in a line.
const METRICS_NAME: &str = "\"_aws\":";

/// Returns the description of an event's metrics, if it has any.
fn metrics(event: &Event<'_>) -> Option<String> {
    event.metadata().fields().field(METRICS_FIELD)?;
    let mut found = MetricsField(None);
    event.record(&mut found);
    found.0
}

/// Finds the field [`METRICS_FIELD`].
struct MetricsField(Option<String>);

impl Visit for MetricsField {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == METRICS_FIELD {
            self.0 = Some(value.to_owned());
        }
    }
}

/// Parses a filter: levels by target with commas between them, such as `warn,shared=info`. A filter that cannot be
/// parsed passes warnings.
fn targets(filter: &str) -> Targets {
    filter.parse().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::WARN))
}

/// Returns the filter that passes events of this workspace's crates from `level` on. Libraries only log
/// warnings at every level, because the AWS SDK's lower levels print whole requests.
pub fn filter(level: &str) -> String {
    let crates = CRATES.map(|name| format!("{name}={level}"));
    format!("warn,{}", crates.join(","))
}

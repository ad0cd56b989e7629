//! The log: JSON lines on standard output, which Lambda hands to CloudWatch.
//!
//! What goes in: a message that is always the same text, and fields; once, at the boundary. What
//! never does: an address, a name, a code, a token, a password, a body, a header, a path with
//! somebody's input in it. `tests/checks/logs.rs` reads everything that is logged and holds that.

use tracing::subscriber::set_global_default;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The crates that are ours.
const OURS: [&str; 10] = [
    "shared",
    "auth",
    "billing",
    "clients",
    "dashboard",
    "local",
    "projects",
    "tokens",
    "webhooks",
    "worker",
];

/// Starts logging for the process. Lambda says from which level on in `AWS_LAMBDA_LOG_LEVEL` (the
/// template's `LogLevel`); `info` unless it does.
pub fn init() {
    let level = std::env::vars().find(|(name, _)| name == "AWS_LAMBDA_LOG_LEVEL");
    let level = level.map_or_else(|| "info".to_owned(), |(_, level)| level.to_ascii_lowercase());
    init_to(std::io::stdout, &filter(&level));
}

/// As [`init`], with the lines going elsewhere and another filter.
pub fn init_to(writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static, filter: &str) {
    // An error means that the process logs already (tests): the first one stays.
    let _ = set_global_default(subscriber(writer, filter));
}

/// What turns events into lines on `writer`.
pub fn subscriber(
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
    filter: &str,
) -> impl tracing::Subscriber + Send + Sync {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(writer)
        .finish()
}

/// A filter for `level` and above of what is ours. Libraries only warn, whatever the level: the AWS
/// SDK's finer levels print whole requests, with everything that must not be logged.
pub fn filter(level: &str) -> String {
    let ours = OURS.map(|name| format!("{name}={level}"));
    format!("warn,{}", ours.join(","))
}

//! The log: JSON lines on standard output, which Lambda hands to CloudWatch.
//!
//! What goes in: a message that is always the same text, and fields; once, at the boundary. What
//! never does: an address, a name, a code, a token, a password, a body, a header, a path with
//! somebody's input in it. `tests/logs.rs` reads everything that is logged and holds that.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The crates that are ours.
const OURS: [&str; 11] = [
    "shared",
    "auth",
    "billing",
    "clients",
    "dashboard",
    "projects",
    "tokens",
    "webhooks",
    "worker",
    "local",
    "tests",
];

/// Starts logging for the process. Lambda says from which level on in `AWS_LAMBDA_LOG_LEVEL` (the
/// template's `LogLevel`); `info` unless it does.
pub fn init() {
    let level = std::env::vars().find(|(name, _)| name == "AWS_LAMBDA_LOG_LEVEL");
    let level = level.map_or_else(|| "info".to_owned(), |(_, level)| level.to_ascii_lowercase());
    // An error means that the process logs already.
    let _ = tracing::subscriber::set_global_default(subscriber(&level, std::io::stdout));
}

/// What turns events into lines on `writer`: `level` and above of what is ours. Libraries only
/// warn, whatever the level: the AWS SDK's finer levels print whole requests, with everything that
/// must not be logged.
pub fn subscriber<W>(level: &str, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let ours = OURS.map(|name| format!("{name}={level}"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(EnvFilter::new(format!("warn,{}", ours.join(","))))
        .with_writer(writer)
        .finish()
}

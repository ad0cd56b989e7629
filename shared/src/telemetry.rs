//! The log: JSON lines on standard output, which Lambda hands to CloudWatch.
//!
//! What goes in: a message that is always the same text, and fields; once, at the boundary. What
//! never does: an address, a name, a code, a token, a password, a body, a header, a path with
//! somebody's input in it. `tests/logs.rs` reads everything that is logged and holds that.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging for the process, at `RUST_LOG` or `info`.
pub fn init() {
    init_to(std::io::stdout, "info");
}

/// As [`init`], with the lines going elsewhere and another level where `RUST_LOG` says none.
pub fn init_to(writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static, level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    // A second call (tests) keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .try_init();
}

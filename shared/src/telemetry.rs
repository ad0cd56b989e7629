//! The log: JSON lines on standard output, which Lambda hands to CloudWatch.
//!
//! What goes in: a message that is always the same text, and fields; once, at the boundary. What
//! never does: an address, a name, a code, a token, a password, a body, a header, a path with
//! somebody's input in it. `tests/logs.rs` reads everything that is logged and holds that.

use tracing_subscriber::EnvFilter;

/// Starts logging for the process, at `RUST_LOG` or `info`.
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call (tests) keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .try_init();
}

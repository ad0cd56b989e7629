//! Collects what the service logs during a test.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::Subscriber;
use tracing::subscriber::DefaultGuard;

/// The lines of a log, in the form in which functions write them.
#[derive(Clone, Default)]
pub struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Captures what this thread logs until the guard is dropped. A plain `#[tokio::test]` has one thread, so this is
    /// the log of its whole stack.
    pub fn of_current_thread() -> (Self, DefaultGuard) {
        let log = Self::default();
        let guard = tracing::subscriber::set_default(log.subscriber("info"));
        (log, guard)
    }

    /// Returns a subscriber that writes to this log from a level on, as a function with this `LogLevel`.
    pub fn subscriber(&self, level: &str) -> impl Subscriber + Send + Sync + use<> {
        let log = self.clone();
        shared::telemetry::subscriber(move || log.clone(), &shared::telemetry::filter(level))
    }

    /// Returns the text that was logged.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Returns the lines that were logged.
    pub fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Returns the lines that were logged, and begins anew.
    pub fn take_lines(&self) -> Vec<Value> {
        let lines = self.lines();
        self.0.lock().unwrap().clear();
        lines
    }
}

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

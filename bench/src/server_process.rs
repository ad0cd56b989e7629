//! A server as a process of its own, so that its memory is not that of the benchmark.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::proc_files;

/// A server that runs as a process.
pub(crate) struct ServerProcess {
    /// The URL on which the server listens.
    pub(crate) url: String,
    /// The time from the start of the process to its URL.
    pub(crate) start: Duration,
    child: Child,
}

impl ServerProcess {
    /// Starts a server that prints its URL once it listens, and ends when its standard input ends.
    ///
    /// # Errors
    /// If the process does not start or ends without a URL.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let started = Instant::now();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        let mut url = String::new();
        BufReader::new(stdout).read_line(&mut url)?;
        let start = started.elapsed();
        if url.is_empty() {
            child.wait()?;
            return Err(format!("{} has ended", command.get_program().to_string_lossy()).into());
        }
        Ok(Self { url: url.trim().to_owned(), start, child })
    }

    /// Returns the memory of the server in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        proc_files::memory(self.child.id(), proc_files::MEMORY)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It fails only if the process has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

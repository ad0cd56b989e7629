//! The local stack as a process of its own, so that its memory is not that of the benchmark.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use local::{Stack, StackOptions};

use crate::error::Result;
use crate::network::CDN_SECRET;
use crate::proc_files;
use crate::say;

/// The option with which the benchmark starts itself as a stack.
pub(crate) const OPTION: &str = "--stack";

/// A running stack.
pub(crate) struct StackProcess {
    /// The URL of the stack.
    pub(crate) url: String,
    child: Child,
}

impl StackProcess {
    /// Starts a stack.
    pub(crate) fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(OPTION)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the stack has no output")?;
        let mut url = String::new();
        BufReader::new(stdout).read_line(&mut url)?;
        Ok(Self { url: url.trim().to_owned(), child })
    }

    /// Returns the memory of the stack in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        proc_files::memory(self.child.id(), proc_files::MEMORY)
    }
}

impl Drop for StackProcess {
    fn drop(&mut self) {
        // It fails only if the process has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a stack until the standard input ends.
pub(crate) async fn serve() -> Result<()> {
    let options = StackOptions { cdn_secrets: vec![CDN_SECRET.to_owned()], ..Default::default() };
    let stack = Stack::start(options).await?;
    say(stack.url());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    stack.stop().await;
    Ok(())
}

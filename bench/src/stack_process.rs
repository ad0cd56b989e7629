//! The local stack as a process of its own.

use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

use local::{Stack, StackOptions};

use crate::console::say;
use crate::error::Result;
use crate::network::CDN_SECRET;
use crate::server_process::ServerProcess;

/// The option with which the benchmark starts itself as a stack.
pub(crate) const OPTION: &str = "--stack";

/// How often the stack is started to measure that.
const STARTS: usize = 9;

/// Starts a stack.
///
/// # Errors
/// If it does not start.
pub(crate) fn start() -> Result<ServerProcess> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(OPTION);
    ServerProcess::start(command)
}

/// Measures the time from the start of the process to the answer to a first request, several times.
///
/// # Errors
/// If it does not start or does not answer.
pub(crate) async fn measure_starts() -> Result<Vec<Duration>> {
    say("starting the local stack");
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let client = reqwest::Client::new();
        let stack = start()?;
        let listening = Instant::now();
        client.get(format!("{}/v1/me", stack.url)).send().await?.bytes().await?;
        starts.push(stack.start + listening.elapsed());
    }
    Ok(starts)
}

/// Runs a stack until the standard input ends.
///
/// # Errors
/// If it does not start.
pub(crate) async fn serve() -> Result<()> {
    let options = StackOptions { cdn_secrets: vec![CDN_SECRET.to_owned()], ..Default::default() };
    let stack = Stack::start(options).await?;
    say(stack.url());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    stack.stop().await;
    Ok(())
}

//! A function as a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::process::{Child, Command};

use crate::error::Result;
use crate::proc_files;
use crate::runtime_api::{Answer, RuntimeApi};

/// A measured function that runs.
pub(crate) struct Process {
    api: RuntimeApi,
    child: Child,
    /// The time from the start of the process to its first request for an event.
    pub(crate) start: Duration,
    /// The processor time that the start took.
    pub(crate) start_processor_time: Duration,
}

impl Process {
    /// Starts a function and waits until it asks for an event.
    pub(crate) async fn start(
        binary: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut api = RuntimeApi::start().await?;
        let started = Instant::now();
        let child = Command::new(binary)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        let start = api.first_poll().await? - started;
        let id = child.id().ok_or("the function has ended")?;
        let start_processor_time = proc_files::processor_time(id)?;
        Ok(Self { api, child, start, start_processor_time })
    }

    /// Sends an event to the function.
    pub(crate) async fn invoke(&self, event: &Value) -> Result<Answer> {
        self.api.invoke(event).await
    }

    /// Returns the largest amount of memory that the process had so far, in bytes.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let id = self.child.id().ok_or("the function has ended")?;
        proc_files::memory(id, proc_files::PEAK_MEMORY)
    }

    /// Ends the process of the function.
    pub(crate) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}

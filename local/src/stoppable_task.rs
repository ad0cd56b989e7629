//! Background tasks of a stack that stop on request or when dropped.

use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The time that running requests have to finish when a task stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// A task that runs until it is stopped.
#[derive(Debug)]
pub(crate) struct StoppableTask {
    // Dropping it stops the task as sending does.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl StoppableTask {
    /// Spawns the task that `serve` returns for a stop signal.
    pub(crate) fn spawn<F>(serve: impl FnOnce(StopSignal) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(StopSignal(stopped)));
        Self { stop, task }
    }

    /// Stops the task and waits until it has ended.
    pub(crate) async fn stop(self) {
        let Self { stop, mut task } = self;
        drop(stop);
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, &mut task).await.is_err() {
            // A client that sent half a request would hold it up forever.
            task.abort();
        }
    }
}

/// A signal that resolves when the task must stop.
pub(crate) struct StopSignal(oneshot::Receiver<()>);

impl StopSignal {
    pub(crate) async fn wait(self) {
        let _ = self.0.await;
    }
}

//! Serves an embedded service on a port.

use axum::Router;
use tokio::net::TcpListener;

use crate::stoppable_task::StoppableTask;

/// Serves a router on the listener's port until the task is stopped.
pub(super) fn serve(listener: TcpListener, router: Router, name: &'static str) -> StoppableTask {
    StoppableTask::spawn(|stop| async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(stop.wait());
        if let Err(error) = serve.await {
            tracing::error!(cause = ?error, name, "an embedded service stopped");
        }
    })
}

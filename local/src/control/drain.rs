//! Waits for the worker.

use axum::http::StatusCode;
use local_support::{ControlError, ControlResult};

use crate::stream::StreamPoller;

/// Waits until the worker has processed all earlier writes.
///
/// # Errors
/// 503 if the worker does not finish in time.
pub(crate) async fn wait_until_drained(poller: &StreamPoller) -> ControlResult<()> {
    if poller.wait_until_drained().await {
        return Ok(());
    }
    let detail = "the worker is still busy; try again";
    Err(ControlError::new(StatusCode::SERVICE_UNAVAILABLE, detail))
}

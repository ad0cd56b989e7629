//! The control endpoints under `/local`, for developers and tests. They speak JSON, except for the page.

pub(crate) mod admin;
mod clock;
mod mail;
mod page;
mod plan;
mod table;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use local_support::{ControlError, ControlResult};
use shared::context::Context;

use crate::aws::Outbox;
use crate::clock::MovableClock;
use crate::schedule::Schedules;
use crate::stream::StreamPoller;

/// The parts of the stack that the control endpoints use.
pub(crate) struct ControlState {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) schedules: Arc<Schedules>,
    pub(crate) poller: StreamPoller,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) context: Context,
    /// The context of the function `admin`, with only its rights.
    pub(crate) admin: Context,
}

/// Returns the control endpoints, relative to `/local`.
pub(crate) fn router(state: ControlState) -> Router {
    Router::new()
        .route("/", get(page::get))
        .route("/mail", get(mail::list).delete(mail::clear))
        .route("/mail/mailboxes", post(mail::set_mailbox))
        .route("/clock", get(clock::read).post(clock::advance))
        .route("/clients/{id}/plan", post(plan::change))
        .route("/admin", post(admin::invoke))
        .route("/dump", get(table::dump))
        .route("/dead-letters", get(table::dead_letters))
        .fallback(async || {
            ControlError::new(
                StatusCode::NOT_FOUND,
                "there is no such endpoint; GET /local lists them",
            )
        })
        .method_not_allowed_fallback(async || {
            ControlError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this endpoint does not support the method",
            )
        })
        .with_state(Arc::new(state))
}

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

//! The admin endpoints under `/local`, for developers and tests. All answer JSON, except the page.

mod clock;
mod error;
mod mail;
mod page;
mod plan;
mod table;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use shared::context::Context;

use crate::aws::Outbox;
use crate::clock::MovableClock;
use crate::schedule::Schedules;
use crate::stream::StreamPoller;

pub(crate) use error::{AdminError, Result};

/// The parts of the stack that the admin endpoints use.
pub(crate) struct AdminState {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) schedules: Arc<Schedules>,
    pub(crate) poller: StreamPoller,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) context: Context,
}

/// Returns the admin endpoints, relative to `/local`.
pub(crate) fn router(state: AdminState) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/mail", get(mail::list).delete(mail::clear))
        .route("/clock", get(clock::read).post(clock::advance))
        .route("/clients/{id}/plan", post(plan::put))
        .route("/dump", get(table::dump))
        .route("/dead-letters", get(table::dead_letters))
        .fallback(async || {
            AdminError::new(
                StatusCode::NOT_FOUND,
                "there is no such endpoint; GET /local lists them",
            )
        })
        .method_not_allowed_fallback(async || {
            AdminError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this endpoint does not support the method",
            )
        })
        .with_state(Arc::new(state))
}

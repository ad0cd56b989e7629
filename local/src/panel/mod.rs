//! What is under `/local`: a look into the stack, for people and for tests. JSON, but for the page.

mod clock;
mod mail;
mod page;
mod plan;
mod reply;
mod table;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use shared::context::Context;

use crate::aws::Outbox;
use crate::clock::MovableClock;
use crate::schedule::Schedules;
use crate::stream::Pump;

pub(crate) use reply::{Refusal, Result};

/// What the endpoints look into.
pub(crate) struct Panel {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) schedules: Arc<Schedules>,
    pub(crate) pump: Pump,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) context: Context,
}

/// The endpoints, relative to `/local`.
pub(crate) fn router(panel: Panel) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/mail", get(mail::list).delete(mail::clear))
        .route("/clock", get(clock::read).post(clock::advance))
        .route("/clients/{id}/plan", post(plan::put))
        .route("/dump", get(table::dump))
        .route("/dead-letters", get(table::dead_letters))
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "GET /local lists what there is"))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "not with this method")
        })
        .with_state(Arc::new(panel))
}

//! The control endpoints under `/local`, for developers and tests. They speak JSON, except for the page.

pub(crate) mod admin;
mod clock;
mod drain;
mod mail;
mod page;
mod plan;
mod state;
mod table;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use local_support::ControlError;

pub(crate) use drain::wait_until_drained;
pub(crate) use state::ControlState;

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

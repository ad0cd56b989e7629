//! Slack's incoming webhooks, under `/local/slack`, where the service posts in place of
//! `https://hooks.slack.com`. What was posted is kept in memory.
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>
//!
//! Every webhook of the right shape exists. Refused as there: what is no JSON object with a text, and what
//! is no webhook.

mod control;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::Value;
use shared::clock::{Clock, Timestamp};

use crate::clock::MovableClock;
use crate::notice::{Notice, Observer};
use crate::stream::Pump;

/// Where Slack answers, below a stack's address.
const PATH: &str = "/local/slack";

/// What stands for `https://hooks.slack.com` in the stack at that address.
pub(crate) fn base(base_url: &str) -> String {
    format!("{base_url}{PATH}")
}

/// A message as it was posted.
#[derive(Clone, Debug, Serialize)]
struct Posted {
    /// The webhook's: `/services/T…/B…/…`.
    path: String,
    text: String,
    /// By the stack's clock.
    sent_at: Timestamp,
}

/// What is to go wrong.
#[derive(Clone, Copy, Debug)]
struct Failing {
    status: StatusCode,
    times: u32,
}

/// Slack, for one stack.
pub(crate) struct Slack {
    /// In the order of posting.
    messages: Mutex<Vec<Posted>>,
    failing: Mutex<Option<Failing>>,
    clock: Arc<MovableClock>,
    pump: Pump,
    observer: Observer,
}

impl Slack {
    pub(crate) fn new(clock: Arc<MovableClock>, pump: Pump, observer: Observer) -> Self {
        Self { messages: Mutex::default(), failing: Mutex::default(), clock, pump, observer }
    }

    fn messages(&self) -> MutexGuard<'_, Vec<Posted>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failing(&self) -> MutexGuard<'_, Option<Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The status that a post is to fail with, if it is.
    fn next_failure(&self) -> Option<StatusCode> {
        let mut failing = self.failing();
        let Failing { status, times } = (*failing)?;
        *failing =
            times.checked_sub(1).filter(|left| *left > 0).map(|times| Failing { status, times });
        Some(status)
    }
}

/// The endpoints, relative to [`PATH`].
pub(crate) fn router(slack: Slack) -> Router {
    Router::new()
        .route("/", get(control::list).delete(control::clear))
        .route("/next", post(control::next))
        .route("/services/{*rest}", post(webhook))
        .with_state(Arc::new(slack))
}

async fn webhook(State(slack): State<Arc<Slack>>, uri: Uri, body: Bytes) -> Response {
    if let Some(status) = slack.next_failure() {
        return (status, "rollup_error").into_response();
    }
    let path = uri.path();
    if !is_webhook(path) {
        return (StatusCode::NOT_FOUND, "no_service").into_response();
    }
    let Ok(Value::Object(payload)) = serde_json::from_slice(&body) else {
        return (StatusCode::BAD_REQUEST, "invalid_payload").into_response();
    };
    let Some(text) = payload.get("text").and_then(Value::as_str).filter(|text| !text.is_empty())
    else {
        return (StatusCode::BAD_REQUEST, "no_text").into_response();
    };
    (slack.observer)(Notice::Slack { text });
    let (path, text, sent_at) = (path.to_owned(), text.to_owned(), slack.clock.now());
    slack.messages().push(Posted { path, text, sent_at });
    "ok".into_response()
}

/// `/services/T…/B…/…`
fn is_webhook(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    match parts.as_slice() {
        ["", "services", team, hook, secret] => {
            team.starts_with('T') && hook.starts_with('B') && !secret.is_empty()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_webhook;

    #[test]
    fn webhooks_have_three_parts() {
        assert!(is_webhook("/services/T1/B1/x"));
        for path in
            ["/services/T1/B1/", "/services/T1/B1", "/services/B1/T1/x", "/services/T1/B1/x/y"]
        {
            assert!(!is_webhook(path), "{path}");
        }
    }
}

//! Simulates Slack's incoming webhooks under `/local/slack`, in place of `https://hooks.slack.com`.
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>
//!
//! Every webhook URL of the right form exists. Like Slack, the simulator refuses other URLs, and bodies
//! that are not a JSON object with a text, or have blocks of the wrong form. Messages are kept in memory.

mod control;
mod simulator;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use shared::clock::Clock;

use crate::stack_event::StackEvent;
use simulator::PostedMessage;
pub(crate) use simulator::SlackSimulator;

/// The path of the simulator, below the URL of the stack.
const MOUNT_PATH: &str = "/local/slack";

/// Returns the URL that stands for `https://hooks.slack.com` in the stack with this URL.
pub(crate) fn webhook_base(base_url: &str) -> String {
    format!("{base_url}{MOUNT_PATH}")
}

/// Maximum characters of a block's text.
/// <https://docs.slack.dev/reference/block-kit/composition-objects/text-object>
const MAX_BLOCK_LEN: usize = 3_000;

/// Maximum blocks of a message. <https://docs.slack.dev/reference/block-kit/blocks>
const MAX_BLOCKS: usize = 50;

/// Returns the routes of the simulator, relative to [`MOUNT_PATH`].
pub(crate) fn router(slack: SlackSimulator) -> Router {
    Router::new()
        .route("/", get(control::list_messages).delete(control::delete_messages))
        .route("/next", post(control::set_fault))
        .route("/services/{*rest}", post(post_message))
        .with_state(Arc::new(slack))
}

/// `POST /services/T…/B…/…`: accepts a message.
async fn post_message(State(slack): State<Arc<SlackSimulator>>, uri: Uri, body: Bytes) -> Response {
    if let Some(status) = slack.take_fault_status() {
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
    let blocks =
        payload.get("blocks").map_or(Some(Vec::new()), |blocks| blocks.as_array().cloned());
    let Some(blocks) = blocks.filter(|blocks| are_valid_blocks(blocks)) else {
        return (StatusCode::BAD_REQUEST, "invalid_blocks").into_response();
    };
    (slack.event_listener)(StackEvent::Slack { text });
    let unfurl_links = payload.get("unfurl_links").and_then(Value::as_bool).unwrap_or(true);
    let (path, text, sent_at) = (path.to_owned(), text.to_owned(), slack.clock.now());
    slack.lock_messages().push(PostedMessage { path, text, blocks, unfurl_links, sent_at });
    "ok".into_response()
}

/// Returns whether Slack accepts the blocks: at most 50, and of the kinds that the simulator knows.
fn are_valid_blocks(blocks: &[Value]) -> bool {
    let is_valid = |block: &Value| {
        let text = block["text"]["text"].as_str().unwrap_or_default();
        block["type"] == "section"
            && matches!(block["text"]["type"].as_str(), Some("mrkdwn" | "plain_text"))
            && (1..=MAX_BLOCK_LEN).contains(&text.chars().count())
    };
    blocks.len() <= MAX_BLOCKS && blocks.iter().all(is_valid)
}

/// Returns whether a path has the form `/services/T…/B…/…`.
fn is_webhook(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    match parts.as_slice() {
        ["", "services", team, webhook, secret] => {
            team.starts_with('T') && webhook.starts_with('B') && !secret.is_empty()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_webhook;

    #[test]
    fn webhook_paths_have_team_webhook_and_secret() {
        assert!(is_webhook("/services/T1/B1/x"));
        for path in
            ["/services/T1/B1/", "/services/T1/B1", "/services/B1/T1/x", "/services/T1/B1/x/y"]
        {
            assert!(!is_webhook(path), "{path}");
        }
    }
}

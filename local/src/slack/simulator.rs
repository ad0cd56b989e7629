//! The simulated Slack: its messages, and the failure of the next posts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use shared::clock::Timestamp;

use crate::clock::MovableClock;
use crate::stack_event::EventListener;
use crate::stream::StreamPoller;

/// A message that was posted.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PostedMessage {
    /// The path of the webhook, `/services/T…/B…/…`.
    pub(super) path: String,
    pub(super) text: String,
    /// The parts of the message, which Slack shows instead of the text. Empty if there are none.
    pub(super) blocks: Vec<Value>,
    /// Whether Slack previews the links of the message.
    pub(super) unfurl_links: bool,
    /// The time of the post by the stack's clock.
    pub(super) sent_at: Timestamp,
}

/// A failure of the next posts.
#[derive(Clone, Copy, Debug)]
pub(super) struct PostFault {
    pub(super) status: StatusCode,
    /// The number of posts that still fail.
    pub(super) times: u32,
}

/// A simulated Slack with the messages that were posted to it.
pub(crate) struct SlackSimulator {
    /// The messages in the order in which they were posted.
    messages: Mutex<Vec<PostedMessage>>,
    fault: Mutex<Option<PostFault>>,
    pub(super) clock: Arc<MovableClock>,
    pub(super) poller: StreamPoller,
    pub(super) event_listener: EventListener,
}

impl SlackSimulator {
    /// Creates a simulator without messages, which reports each post to the event listener.
    pub(crate) fn new(
        clock: Arc<MovableClock>,
        poller: StreamPoller,
        event_listener: EventListener,
    ) -> Self {
        Self { messages: Mutex::default(), fault: Mutex::default(), clock, poller, event_listener }
    }

    pub(super) fn lock_messages(&self) -> MutexGuard<'_, Vec<PostedMessage>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lock_fault(&self) -> MutexGuard<'_, Option<PostFault>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one post against the fault. Returns the status with which this post fails.
    pub(super) fn take_fault_status(&self) -> Option<StatusCode> {
        let mut fault = self.lock_fault();
        let PostFault { status, times } = (*fault)?;
        let left = times.checked_sub(1).filter(|left| *left > 0);
        *fault = left.map(|times| PostFault { status, times });
        Some(status)
    }
}

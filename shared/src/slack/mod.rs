//! Slack messages and their delivery to users' incoming webhooks. They are queued and delivered
//! like [`mail`](crate::mail), with the same [`outbox`](crate::outbox).

mod blocks;
mod client;
mod deliver;
mod outbox;
mod send_test_message;
mod text;

pub use client::SlackClient;
pub use deliver::deliver;
pub use outbox::{NewSlackMessage, queue};
pub use send_test_message::{SLACK_TEST_THROTTLE, send_test_message};
pub use text::run_ended_text;

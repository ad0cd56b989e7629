//! Slack: what is posted to people's incoming webhooks, and how it leaves. Queued and delivered as
//! [`mail`](crate::mail) is.

mod deliver;
mod outbox;
mod post;
mod words;

pub use deliver::deliver;
pub use outbox::{NewMessage, queue};
pub use post::Slack;
pub use words::run_ended;

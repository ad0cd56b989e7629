//! Mail that reports a changed or removed Slack webhook.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports a changed or removed Slack webhook.
#[derive(Clone, Serialize, Deserialize)]
pub struct SlackWebhookChanged {
    #[serde(flatten)]
    event: EventDetails,
    /// Whether there is a webhook after the change.
    is_set: bool,
    link: String,
}

templates!(
    SlackWebhookChanged,
    "mail/slack_webhook_changed.txt",
    "mail/slack_webhook_changed.html"
);

impl MessageKind for SlackWebhookChanged {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let what = if self.is_set { "changed" } else { "removed" };
        format!("The Slack webhook of your AIUS account was {what}")
    }
}

impl Message {
    /// Creates the mail that reports a changed Slack webhook, or a removed one.
    pub fn slack_webhook_changed(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        is_set: bool,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::SlackWebhookChanged(SlackWebhookChanged { event, is_set, link: account_link(ctx) })
    }
}

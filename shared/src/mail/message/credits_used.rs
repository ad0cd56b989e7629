//! Mail that reports how many of an organization's credits are used.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::text::truncate;
use crate::values::Name;

/// Longest organization name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 30;

/// Mail that reports how many of an organization's credits are used.
#[derive(Clone, Serialize, Deserialize)]
pub struct CreditsUsed {
    /// The recipient's name, and when the share was reached.
    #[serde(flatten)]
    event: EventDetails,
    #[serde(rename = "client")]
    organization: Name,
    /// The used share of the credits, in percent.
    percent: u8,
    /// The page where the owner buys credits and members set their notifications.
    link: String,
}

templates!(CreditsUsed, "mail/credits_used.txt", "mail/credits_used.html");

impl CreditsUsed {
    fn are_all_used(&self) -> bool {
        self.percent >= 100
    }

    /// Returns the used share as text: `all` or `80 %`.
    fn used_share(&self) -> String {
        if self.are_all_used() { "all".to_owned() } else { format!("{} %", self.percent) }
    }
}

impl MessageKind for CreditsUsed {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let organization = truncate(self.organization.as_str(), MAX_NAME_IN_SUBJECT_LEN);
        format!("{organization} has used {} of its credits", self.used_share())
    }
}

impl Message {
    /// Creates the mail that reports the used share of the credits of `organization`. `name` is the
    /// recipient's, and `at` is when that share was reached.
    pub fn credits_used(
        ctx: &Context,
        name: &Name,
        organization: &Name,
        percent: u8,
        at: Timestamp,
    ) -> Self {
        let (event, link) = (EventDetails::without_request(at, name), account_link(ctx));
        Self::CreditsUsed(CreditsUsed { event, organization: organization.clone(), percent, link })
    }
}

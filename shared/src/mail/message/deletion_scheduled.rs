//! Mail that reports that the account will be deleted.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports that the account will be deleted.
#[derive(Clone, Serialize, Deserialize)]
pub struct DeletionScheduled {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
    due_at: Timestamp,
}

templates!(DeletionScheduled, "mail/deletion_scheduled.txt", "mail/deletion_scheduled.html");

impl MessageKind for DeletionScheduled {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Your AIUS account will be deleted".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports that the account will be deleted at `due_at`.
    pub fn deletion_scheduled(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        due_at: Timestamp,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::DeletionScheduled(DeletionScheduled { event, link: account_link(ctx), due_at })
    }
}

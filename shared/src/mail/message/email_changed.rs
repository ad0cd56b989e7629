//! Mail to the previous address after an email change, with a link to undo the change.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::EventDetails;
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::requester::Requester;
use crate::values::EmailAddress;

/// Mail to the previous address after an email change, with a link to undo the change.
#[derive(Clone, Serialize, Deserialize)]
pub struct EmailChanged {
    #[serde(flatten)]
    event: EventDetails,
    /// The new address, masked.
    new: String,
    undo_link: String,
    undo_until: Timestamp,
}

templates!(EmailChanged, "mail/email_changed.txt", "mail/email_changed.html");

impl MessageKind for EmailChanged {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Your AIUS email address was changed".to_owned()
    }

    fn expires_at(&self) -> Timestamp {
        self.undo_until
    }
}

/// The link that undoes a change of the email address.
#[derive(Clone, Debug)]
pub struct UndoLink {
    /// The URL of the page that undoes the change.
    pub url: String,
    /// The time until which the link works. The mail is not delivered later.
    pub expires_at: Timestamp,
}

impl Message {
    /// Creates the mail to the previous address after a change. `user` is the account before the change.
    pub fn email_changed(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        new: &EmailAddress,
        undo: UndoLink,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        let UndoLink { url: undo_link, expires_at: undo_until } = undo;
        Self::EmailChanged(EmailChanged { event, new: new.masked(), undo_link, undo_until })
    }
}

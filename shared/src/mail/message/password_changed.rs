//! Mail that reports a changed password.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports a changed password.
#[derive(Clone, Serialize, Deserialize)]
pub struct PasswordChanged {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(PasswordChanged, "mail/password_changed.txt", "mail/password_changed.html");

impl MessageKind for PasswordChanged {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Your AIUS password was changed".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports a changed password.
    pub fn password_changed(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::PasswordChanged(PasswordChanged { event, link: account_link(ctx) })
    }
}

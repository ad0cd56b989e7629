//! Mail that reports that the Google account was disconnected.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports that the Google account was disconnected.
#[derive(Clone, Serialize, Deserialize)]
pub struct GoogleDisconnected {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(GoogleDisconnected, "mail/google_disconnected.txt", "mail/google_disconnected.html");

impl MessageKind for GoogleDisconnected {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Your Google account was disconnected from AIUS".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports that the Google account was disconnected.
    pub fn google_disconnected(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::GoogleDisconnected(GoogleDisconnected { event, link: account_link(ctx) })
    }
}

//! Mail that reports that a Google account was connected.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;
use crate::values::EmailAddress;

/// Mail that reports that a Google account was connected.
#[derive(Clone, Serialize, Deserialize)]
pub struct GoogleConnected {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
    /// The Google account's address, masked.
    google_address: String,
}

templates!(GoogleConnected, "mail/google_connected.txt", "mail/google_connected.html");

impl MessageKind for GoogleConnected {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "A Google account was connected to your AIUS account".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports a newly connected Google account.
    pub fn google_connected(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        google_address: &EmailAddress,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::GoogleConnected(GoogleConnected {
            event,
            link: account_link(ctx),
            google_address: google_address.masked(),
        })
    }
}

//! Mail that reports a sign-in from an unknown device or network.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports a sign-in from an unknown device or network.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewDevice {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(NewDevice, "mail/new_device.txt", "mail/new_device.html");

impl MessageKind for NewDevice {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "New sign-in to your AIUS account".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports a sign-in from an unknown device or network.
    pub fn new_device(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::NewDevice(NewDevice { event, link: account_link(ctx) })
    }
}

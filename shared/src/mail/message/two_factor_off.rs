//! Mail that reports that two-factor authentication was turned off.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports that two-factor authentication was turned off.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorOff {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(TwoFactorOff, "mail/two_factor_off.txt", "mail/two_factor_off.html");

impl MessageKind for TwoFactorOff {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Two-factor authentication is off for your AIUS account".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports that two-factor authentication was turned off.
    pub fn two_factor_off(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::TwoFactorOff(TwoFactorOff { event, link: account_link(ctx) })
    }
}

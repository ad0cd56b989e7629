//! Mail that reports that two-factor authentication was turned on.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports that two-factor authentication was turned on.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorOn {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(TwoFactorOn, "mail/two_factor_on.txt", "mail/two_factor_on.html");

impl MessageKind for TwoFactorOn {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Two-factor authentication is on for your AIUS account".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports that two-factor authentication was turned on.
    pub fn two_factor_on(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::TwoFactorOn(TwoFactorOn { event, link: account_link(ctx) })
    }
}

//! Mails about a reset of two-factor authentication: when it is requested, and when it has taken effect.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;

/// Mail that reports that support was asked to reset two-factor authentication.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorResetRequested {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
    due_at: Timestamp,
}

/// Mail that reports that two-factor authentication was reset.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorReset {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(
    TwoFactorResetRequested,
    "mail/two_factor_reset_requested.txt",
    "mail/two_factor_reset_requested.html"
);
templates!(TwoFactorReset, "mail/two_factor_reset.txt", "mail/two_factor_reset.html");

impl MessageKind for TwoFactorResetRequested {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Two-factor authentication will be reset".to_owned()
    }
}

impl MessageKind for TwoFactorReset {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Two-factor authentication was reset".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports that support was asked to reset two-factor authentication at `due_at`.
    pub fn two_factor_reset_requested(ctx: &Context, user: &User, due_at: Timestamp) -> Self {
        let event = EventDetails::without_request(ctx.now(), &user.name);
        let link = account_link(ctx);
        Self::TwoFactorResetRequested(TwoFactorResetRequested { event, link, due_at })
    }

    /// Creates the mail that reports that two-factor authentication was reset.
    pub fn two_factor_reset(ctx: &Context, user: &User) -> Self {
        let event = EventDetails::without_request(ctx.now(), &user.name);
        Self::TwoFactorReset(TwoFactorReset { event, link: account_link(ctx) })
    }
}

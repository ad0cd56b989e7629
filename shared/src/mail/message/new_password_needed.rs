//! Mail with a link that sets a new password, after the old one was ended.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::mail::ActionLink;
use crate::requester::Requester;

/// Why the old password was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewPasswordReason {
    /// The owner said that a change of the account was not theirs.
    NotMe,
    /// A change of the address was undone.
    EmailChangeUndone,
    /// Support was asked to reset two-factor authentication.
    TwoFactorReset,
}

/// Mail with a link that sets a new password, after the old one was ended.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewPasswordNeeded {
    #[serde(flatten)]
    event: EventDetails,
    reason: NewPasswordReason,
    reset: ActionLink,
    link: String,
}

templates!(NewPasswordNeeded, "mail/new_password_needed.txt", "mail/new_password_needed.html");

impl NewPasswordNeeded {
    /// Returns the sentence that says what has happened.
    const fn explanation(&self) -> &'static str {
        match self.reason {
            NewPasswordReason::NotMe => {
                "You told us that a change of your AIUS account was not yours."
            }
            NewPasswordReason::EmailChangeUndone => {
                "The change of the address of your AIUS account was undone."
            }
            NewPasswordReason::TwoFactorReset => {
                "Two-factor authentication was reset for your AIUS account."
            }
        }
    }
}

impl MessageKind for NewPasswordNeeded {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Set a new password for your AIUS account".to_owned()
    }

    fn expires_at(&self) -> Timestamp {
        self.reset.expires_at
    }
}

impl Message {
    /// Creates the mail with a link that sets a new password.
    pub fn new_password_needed(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        reason: NewPasswordReason,
        reset: ActionLink,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::NewPasswordNeeded(NewPasswordNeeded { event, reason, reset, link: account_link(ctx) })
    }

    /// Creates the mail with a link that sets a new password, after support has reset two-factor authentication.
    pub fn new_password_after_two_factor_reset(
        ctx: &Context,
        user: &User,
        reset: ActionLink,
    ) -> Self {
        let event = EventDetails::without_request(ctx.now(), &user.name);
        let reason = NewPasswordReason::TwoFactorReset;
        Self::NewPasswordNeeded(NewPasswordNeeded { event, reason, reset, link: account_link(ctx) })
    }
}

//! Mails about a reset of two-factor authentication: when it is requested, when it is stopped, and when it has taken
//! effect.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports that support was asked to reset two-factor authentication.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorResetRequested {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
    due_at: Timestamp,
}

/// How a reset of two-factor authentication was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetStopMethod {
    /// A code from the authenticator proved the second factor.
    Authenticator,
    /// A recovery code proved the second factor.
    RecoveryCode,
    /// A passkey was used, which counts as both factors.
    Passkey,
    /// A mailed link secured the account or restored its address.
    MailedLink,
    /// A mailed link or code secured the account, and ended its second factor.
    FactorEnded,
    /// A signed-in person stopped it on the security page.
    SecurityPage,
    /// An operator canceled it.
    Support,
}

/// Mail that reports that a reset of two-factor authentication was stopped.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorResetStopped {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
    method: ResetStopMethod,
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
templates!(
    TwoFactorResetStopped,
    "mail/two_factor_reset_stopped.txt",
    "mail/two_factor_reset_stopped.html"
);
templates!(TwoFactorReset, "mail/two_factor_reset.txt", "mail/two_factor_reset.html");

impl TwoFactorResetStopped {
    /// Returns the sentence that says how the reset was stopped.
    const fn explanation(&self) -> &'static str {
        match self.method {
            ResetStopMethod::Authenticator => {
                "A code from the authenticator app was entered, which stopped it."
            }
            ResetStopMethod::RecoveryCode => "A recovery code was entered, which stopped it.",
            ResetStopMethod::Passkey => "A passkey was used, which stopped it.",
            ResetStopMethod::MailedLink => {
                "A link from one of our mails was used, which stopped it."
            }
            ResetStopMethod::FactorEnded => {
                "Two-factor authentication was turned off with a link or a code from one of our mails."
            }
            ResetStopMethod::SecurityPage => "It was stopped on the security page of your account.",
            ResetStopMethod::Support => "Our support was asked to stop it.",
        }
    }

    /// Returns whether there is a second factor left to reset.
    const fn has_factor(&self) -> bool {
        !matches!(self.method, ResetStopMethod::FactorEnded)
    }
}

impl MessageKind for TwoFactorResetRequested {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Two-factor authentication will be reset".to_owned()
    }
}

impl MessageKind for TwoFactorResetStopped {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "The reset of your two-factor authentication was stopped".to_owned()
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

    /// Creates the mail that reports that a request stopped a reset of two-factor authentication.
    pub fn two_factor_reset_stopped(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        method: ResetStopMethod,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        let link = account_link(ctx);
        Self::TwoFactorResetStopped(TwoFactorResetStopped { event, link, method })
    }

    /// Creates the mail that reports that support stopped a reset of two-factor authentication.
    pub fn two_factor_reset_stopped_by_support(ctx: &Context, user: &User) -> Self {
        let event = EventDetails::without_request(ctx.now(), &user.name);
        let (link, method) = (account_link(ctx), ResetStopMethod::Support);
        Self::TwoFactorResetStopped(TwoFactorResetStopped { event, link, method })
    }

    /// Creates the mail that reports that two-factor authentication was reset.
    pub fn two_factor_reset(ctx: &Context, user: &User) -> Self {
        let event = EventDetails::without_request(ctx.now(), &user.name);
        Self::TwoFactorReset(TwoFactorReset { event, link: account_link(ctx) })
    }
}

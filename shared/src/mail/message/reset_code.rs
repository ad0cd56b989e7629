//! Mail with the code and the link that set a new password.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::EventDetails;
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::mail::ActionLink;
use crate::mailed_codes::{self, MailedCode};
use crate::requester::Requester;

/// Mail with the code and the link that set a new password.
#[derive(Clone, Serialize, Deserialize)]
pub struct ResetCode {
    #[serde(flatten)]
    event: EventDetails,
    code: String,
    /// The link; `None` in a mail that an earlier version queued.
    #[serde(default)]
    reset: Option<ActionLink>,
}

templates!(ResetCode, "mail/reset_code.txt", "mail/reset_code.html");

impl MessageKind for ResetCode {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        format!("{} is your AIUS password reset code", self.code)
    }

    fn expires_at(&self) -> Timestamp {
        let code_expires_at = self.event.occurred_at().plus(mailed_codes::CODE_TTL);
        self.reset.as_ref().map_or(code_expires_at, |link| link.expires_at)
    }
}

impl Message {
    /// Creates the mail with the code.
    pub fn reset_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &MailedCode,
        link: ActionLink,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        let code = code.reveal().to_owned();
        Self::ResetCode(ResetCode { event, code, reset: Some(link) })
    }
}

//! Mail with the code that confirms a new email address. It is sent to the new address.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::mailed_codes::{self, MailedCode};
use crate::requester::Requester;

/// Mail with the code that confirms a new email address. It is sent to the new address.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChangeEmailCode {
    #[serde(flatten)]
    event: EventDetails,
    code: String,
    /// The page where the code is entered; `None` in a mail that an earlier version queued.
    #[serde(default)]
    link: Option<String>,
}

templates!(ChangeEmailCode, "mail/change_email_code.txt", "mail/change_email_code.html");

impl MessageKind for ChangeEmailCode {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        format!("{} is your AIUS email change code", self.code)
    }

    fn expires_at(&self) -> Timestamp {
        self.event.occurred_at().plus(mailed_codes::CODE_TTL)
    }
}

impl Message {
    /// Creates the mail with the code.
    pub fn change_email_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &MailedCode,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        let link = Some(format!("{}/profile", account_link(ctx)));
        Self::ChangeEmailCode(ChangeEmailCode { event, code: code.reveal().to_owned(), link })
    }
}

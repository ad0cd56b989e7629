//! Mail with the code that allows a password reset.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::EventDetails;
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::codes::{self, Code};
use crate::context::Context;
use crate::requester::Requester;

/// Mail with the code that allows a password reset.
#[derive(Clone, Serialize, Deserialize)]
pub struct ResetCode {
    #[serde(flatten)]
    event: EventDetails,
    code: String,
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
        self.event.occurred_at().plus(codes::LIFETIME)
    }
}

impl Message {
    pub(super) fn reset_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &Code,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::ResetCode(ResetCode { event, code: code.reveal().to_owned() })
    }
}

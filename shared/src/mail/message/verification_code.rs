//! Mail with the code that verifies the address of a new account.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::EventDetails;
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::mailed_codes::{self, MailedCode};
use crate::requester::Requester;
use crate::values::Name;

/// Mail with the code that verifies the address of a new account.
#[derive(Clone, Serialize, Deserialize)]
pub struct VerificationCode {
    #[serde(flatten)]
    event: EventDetails,
    code: String,
}

templates!(VerificationCode, "mail/verification_code.txt", "mail/verification_code.html");

impl MessageKind for VerificationCode {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        format!("{} is your AIUS verification code", self.code)
    }

    fn expires_at(&self) -> Timestamp {
        self.event.occurred_at().plus(mailed_codes::CODE_TTL)
    }
}

impl Message {
    /// Creates the mail with the code.
    pub fn verification_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &MailedCode,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::VerificationCode(VerificationCode { event, code: code.reveal().to_owned() })
    }

    /// Creates a message of the same size as one with a code, for a decoy row
    /// ([`queue_decoy`](crate::mail::queue_decoy)).
    pub(in crate::mail) fn decoy(ctx: &Context, requester: &Requester) -> Result<Self> {
        let event = EventDetails::new(ctx, requester, &Name::parse("Nobody Atall")?);
        Ok(Self::VerificationCode(VerificationCode { event, code: "NOCODE".to_owned() }))
    }
}

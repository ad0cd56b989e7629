//! Mail with the code that verifies the address of a new account.

use serde::{Deserialize, Serialize};
use url::form_urlencoded::byte_serialize;

use super::Message;
use super::event_details::{EventDetails, account_link};
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
    /// The page where the code is entered; `None` in a mail that an earlier version queued.
    #[serde(default)]
    link: Option<String>,
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
        let link = Some(verification_link(ctx, user.email.as_str()));
        Self::VerificationCode(VerificationCode { event, code: code.reveal().to_owned(), link })
    }

    /// Creates a message of the same size as one with a code, for a decoy row
    /// ([`queue_decoy`](crate::mail::queue_decoy)).
    pub(in crate::mail) fn decoy(ctx: &Context, requester: &Requester) -> Result<Self> {
        let event = EventDetails::new(ctx, requester, &Name::parse("Nobody Atall")?);
        let link = Some(verification_link(ctx, "nobody@example.com"));
        Ok(Self::VerificationCode(VerificationCode { event, code: "NOCODE".to_owned(), link }))
    }
}

/// Returns the URL of the page for the code, which knows the address.
fn verification_link(ctx: &Context, address: &str) -> String {
    let address: String = byte_serialize(address.as_bytes()).collect();
    format!("{}/verify-email?email={address}", account_link(ctx))
}

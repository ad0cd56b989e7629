//! Mail that reports the use of a recovery code.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Number of unused codes at and below which the mail asks for new ones.
const FEW_CODES: usize = 3;

/// Mail that reports the use of a recovery code.
#[derive(Clone, Serialize, Deserialize)]
pub struct RecoveryCodeUsed {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
    /// The number of unused codes.
    left: usize,
}

templates!(RecoveryCodeUsed, "mail/recovery_code_used.txt", "mail/recovery_code_used.html");

impl RecoveryCodeUsed {
    /// Returns whether the user should make new codes.
    fn are_few_left(&self) -> bool {
        self.left <= FEW_CODES
    }
}

impl MessageKind for RecoveryCodeUsed {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "A recovery code of your AIUS account was used".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports the use of a recovery code. `left` is the number of unused codes.
    pub fn recovery_code_used(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        left: usize,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::RecoveryCodeUsed(RecoveryCodeUsed { event, link: account_link(ctx), left })
    }
}

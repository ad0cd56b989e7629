//! Mail that reports that new recovery codes replaced the old ones.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that reports that new recovery codes replaced the old ones.
#[derive(Clone, Serialize, Deserialize)]
pub struct RecoveryCodesReplaced {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(
    RecoveryCodesReplaced,
    "mail/recovery_codes_replaced.txt",
    "mail/recovery_codes_replaced.html"
);

impl MessageKind for RecoveryCodesReplaced {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Your AIUS recovery codes were replaced".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports that new recovery codes replaced the old ones.
    pub fn recovery_codes_replaced(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::RecoveryCodesReplaced(RecoveryCodesReplaced { event, link: account_link(ctx) })
    }
}

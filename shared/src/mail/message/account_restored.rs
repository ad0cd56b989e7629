//! Mail that confirms that a scheduled account deletion was canceled.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Mail that confirms that a scheduled account deletion was canceled.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccountRestored {
    #[serde(flatten)]
    event: EventDetails,
    link: String,
}

templates!(AccountRestored, "mail/account_restored.txt", "mail/account_restored.html");

impl MessageKind for AccountRestored {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "Your AIUS account was restored".to_owned()
    }
}

impl Message {
    /// Creates the mail that confirms that the scheduled deletion was canceled.
    pub fn account_restored(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        Self::AccountRestored(AccountRestored { event, link: account_link(ctx) })
    }
}

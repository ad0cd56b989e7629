//! Mail that reports that a passkey was added, removed or refused.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;
use crate::values::Name;

/// What happened to a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyChange {
    /// The passkey was added.
    Added,
    /// The passkey was removed.
    Removed,
    /// A sign-in with the passkey was refused, because a copy of it may exist.
    Refused,
}

/// Mail that reports that a passkey was added, removed or refused.
#[derive(Clone, Serialize, Deserialize)]
pub struct PasskeyChanged {
    #[serde(flatten)]
    event: EventDetails,
    passkey: Name,
    change: PasskeyChange,
    link: String,
}

templates!(PasskeyChanged, "mail/passkey_changed.txt", "mail/passkey_changed.html");

impl MessageKind for PasskeyChanged {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let subject = match self.change {
            PasskeyChange::Added => "A passkey was added to your AIUS account",
            PasskeyChange::Removed => "A passkey was removed from your AIUS account",
            PasskeyChange::Refused => "A passkey of your AIUS account may have been copied",
        };
        subject.to_owned()
    }
}

impl Message {
    /// Creates the mail that reports what happened to a passkey.
    pub fn passkey_changed(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        passkey: &Name,
        change: PasskeyChange,
    ) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        let (passkey, link) = (passkey.clone(), account_link(ctx));
        Self::PasskeyChanged(PasskeyChanged { event, passkey, change, link })
    }
}

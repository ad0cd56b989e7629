//! Mail that reports that an organization has another owner.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;
use crate::text::{end_sentence, truncate};
use crate::values::{EmailAddress, Name};

/// Longest organization name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 30;

/// Mail that reports a transferred organization, to its former or its new owner.
#[derive(Clone, Serialize, Deserialize)]
pub struct OwnershipTransferred {
    #[serde(flatten)]
    event: EventDetails,
    #[serde(rename = "client")]
    organization: Name,
    /// The other of both owners.
    other: EmailAddress,
    /// Whether the recipient is the new owner.
    is_new_owner: bool,
    link: String,
}

templates!(
    OwnershipTransferred,
    "mail/ownership_transferred.txt",
    "mail/ownership_transferred.html"
);

impl OwnershipTransferred {
    fn happened(&self) -> String {
        let Self { organization, other, .. } = self;
        end_sentence(if self.is_new_owner {
            format!("{other} made you the owner of the organization {organization}")
        } else {
            format!("You made {other} the owner of the organization {organization}")
        })
    }

    fn advice(&self) -> String {
        let other = &self.other;
        if self.is_new_owner {
            format!("ask {other}, and transfer the organization back.")
        } else {
            format!(
                "another person has access to your account. Set a new password right away, and ask {other} and our \
                 support to transfer the organization back."
            )
        }
    }
}

impl MessageKind for OwnershipTransferred {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let organization = truncate(self.organization.as_str(), MAX_NAME_IN_SUBJECT_LEN);
        if self.is_new_owner {
            format!("You own {organization} now")
        } else {
            format!("{organization} has another owner")
        }
    }
}

impl Message {
    /// Creates the mails that report a transfer, to the former and to the new owner.
    pub fn ownership_transferred(
        ctx: &Context,
        requester: &Requester,
        organization: &Name,
        before: &User,
        after: &User,
    ) -> [Self; 2] {
        [(before, after), (after, before)].map(|(recipient, other)| {
            Self::OwnershipTransferred(OwnershipTransferred {
                event: EventDetails::new(ctx, requester, &recipient.name),
                organization: organization.clone(),
                other: other.email.clone(),
                is_new_owner: recipient.id == after.id,
                link: account_link(ctx),
            })
        })
    }
}

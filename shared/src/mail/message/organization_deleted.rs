//! Mail that reports that an organization was deleted.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::requester::Requester;
use crate::text::truncate;
use crate::values::Name;

/// Longest organization name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 45;

/// Mail that reports that an organization was deleted.
#[derive(Clone, Serialize, Deserialize)]
pub struct OrganizationDeleted {
    /// The recipient's name, and when and from where the organization was deleted.
    #[serde(flatten)]
    event: EventDetails,
    #[serde(rename = "client")]
    organization: Name,
    /// Until when the owner can restore it; `None` if support had it erased at once.
    #[serde(default)]
    due_at: Option<Timestamp>,
    /// The page where the owner restores it.
    link: String,
}

/// The deletion that a mail reports.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationDeletedParams<'a> {
    /// The organization's name.
    pub organization: &'a Name,
    /// When it was deleted.
    pub at: Timestamp,
    /// The origin of the request that deleted it, if it is known.
    pub requester: Option<&'a Requester>,
    /// Until when the owner can restore it; `None` if support had it erased at once.
    pub due_at: Option<Timestamp>,
}

templates!(OrganizationDeleted, "mail/organization_deleted.txt", "mail/organization_deleted.html");

impl MessageKind for OrganizationDeleted {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let organization = truncate(self.organization.as_str(), MAX_NAME_IN_SUBJECT_LEN);
        format!("{organization} was deleted")
    }
}

impl Message {
    /// Creates the mail that reports the deletion of an organization. `name` is the recipient's.
    pub fn organization_deleted(
        ctx: &Context,
        name: &Name,
        deleted: OrganizationDeletedParams<'_>,
    ) -> Self {
        let OrganizationDeletedParams { organization, at, requester, due_at } = deleted;
        let event = match requester {
            Some(requester) => EventDetails::from_request(at, requester, name),
            None => EventDetails::without_request(at, name),
        };
        let (organization, link) = (organization.clone(), account_link(ctx));
        Self::OrganizationDeleted(OrganizationDeleted { event, organization, due_at, link })
    }
}

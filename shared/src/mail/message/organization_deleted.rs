//! Mail that reports that an organization was deleted.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::text::truncate;
use crate::values::Name;

/// Longest organization name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 45;

/// Mail that reports that an organization was deleted.
#[derive(Clone, Serialize, Deserialize)]
pub struct OrganizationDeleted {
    /// The recipient's name, and when the organization was deleted.
    #[serde(flatten)]
    event: EventDetails,
    /// The organization's name.
    #[serde(rename = "client")]
    organization: Name,
    /// Until when the owner can restore it.
    due_at: Timestamp,
    /// The page where the owner restores it.
    link: String,
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
    /// Creates the mail that reports that `organization` was deleted at `at` and can be restored until `due_at`.
    /// `name` is the recipient's.
    pub fn organization_deleted(
        ctx: &Context,
        name: &Name,
        organization: &Name,
        at: Timestamp,
        due_at: Timestamp,
    ) -> Self {
        let (event, link) = (EventDetails::without_request(at, name), account_link(ctx));
        let organization = organization.clone();
        Self::OrganizationDeleted(OrganizationDeleted { event, organization, due_at, link })
    }
}

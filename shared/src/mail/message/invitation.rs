//! Mail that invites a person to an organization.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::EventDetails;
use super::kind::{MessageKind, templates};
use super::safe_text::safe_organization_name;
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::organizations::{AssignableRole, Organization, invitations};
use crate::requester::Requester;
use crate::text::truncate;
use crate::values::{EmailAddress, Name};

/// Longest organization name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 33;

/// Mail that invites a person to an organization.
#[derive(Clone, Serialize, Deserialize)]
pub struct InvitationMail {
    /// The invitation as an event. Its name is the inviter's, who may be a stranger to the recipient.
    #[serde(flatten)]
    event: EventDetails,
    inviter: EmailAddress,
    #[serde(rename = "client")]
    organization: Name,
    role: AssignableRole,
    link: String,
    until: Timestamp,
}

templates!(InvitationMail, "mail/invitation.txt", "mail/invitation.html");

impl InvitationMail {
    /// Returns the inviter's name, if it is safe to show.
    fn inviter_name(&self) -> Option<&str> {
        self.event.greeting_name()
    }

    /// Returns the organization's name, if it is safe to show.
    fn organization_name(&self) -> Option<&str> {
        safe_organization_name(&self.organization)
    }

    /// Returns the offered role with its article.
    fn role_with_article(&self) -> &'static str {
        match self.role {
            AssignableRole::Admin => "an admin",
            AssignableRole::Member => "a member",
            AssignableRole::Viewer => "a viewer",
        }
    }
}

impl MessageKind for InvitationMail {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        match self.organization_name() {
            Some(name) => {
                let name = truncate(name, MAX_NAME_IN_SUBJECT_LEN);
                format!("Invitation to join {name} on AIUS")
            }
            None => "Invitation to join an organization on AIUS".to_owned(),
        }
    }

    /// Returns no name: the event names the inviter, and the recipient's name is unknown.
    fn greeting_name(&self) -> Option<&str> {
        None
    }

    fn expires_at(&self) -> Timestamp {
        self.until
    }
}

/// The content of an invitation mail.
#[derive(Clone, Debug)]
pub struct InvitationMailParams<'a> {
    /// The user who invites.
    pub inviter: &'a User,
    /// The organization to join.
    pub organization: &'a Organization,
    /// The stored invitation, which the link in the mail accepts.
    pub invitation: &'a invitations::Invitation,
    /// The URL of the page that accepts the invitation.
    pub link: String,
}

impl Message {
    /// Creates the mail that invites a person to an organization.
    pub fn invitation(
        ctx: &Context,
        requester: &Requester,
        mail: InvitationMailParams<'_>,
    ) -> Self {
        let InvitationMailParams { inviter, organization, invitation, link } = mail;
        Self::Invitation(InvitationMail {
            event: EventDetails::new(ctx, requester, &inviter.name),
            inviter: inviter.email.clone(),
            organization: organization.name.clone(),
            role: invitation.role,
            link,
            until: invitation.expires_at,
        })
    }
}

//! Somebody asks whoever has the address to join an organization.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, plain_title};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::organizations::{AssignableRole, Organization, invitations};
use crate::requester::Requester;
use crate::values::{EmailAddress, Name};

/// Somebody asks whoever has the address to join an organization.
#[derive(Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// Of the inviter, who is a stranger to whoever gets this.
    #[serde(flatten)]
    about: About,
    /// The inviter's address.
    inviter: EmailAddress,
    /// What the organization is called.
    #[serde(rename = "client")]
    organization: Name,
    role: AssignableRole,
    link: String,
    until: Timestamp,
}

templates!(Invitation, "mail/invitation.txt", "mail/invitation.html");

impl Invitation {
    /// The inviter's name, unless it says more than a name.
    fn inviters_name(&self) -> Option<&str> {
        self.about.greeted()
    }

    /// The organization's name, unless it says more than a name.
    fn organization(&self) -> Option<&str> {
        plain_title(&self.organization)
    }

    /// As what.
    fn role(&self) -> &'static str {
        match self.role {
            AssignableRole::Admin => "an admin",
            AssignableRole::Member => "a member",
        }
    }
}

impl Kind for Invitation {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "You are invited to an organization on AIUS".to_owned()
    }

    /// What whoever has the address is called isn't known.
    fn greeted(&self) -> Option<&str> {
        None
    }

    fn expires_at(&self) -> Timestamp {
        self.until
    }
}

/// The content of an invitation mail.
#[derive(Clone, Debug)]
pub struct InvitationMail<'a> {
    /// The user who invites.
    pub inviter: &'a User,
    /// The organization to join.
    pub organization: &'a Organization,
    /// The invitation.
    pub invitation: &'a invitations::Invitation,
    /// The URL of the page that accepts the invitation.
    pub link: String,
}

impl Message {
    /// Creates the mail that invites a person to an organization.
    pub fn invitation(ctx: &Context, requester: &Requester, mail: InvitationMail<'_>) -> Self {
        let InvitationMail { inviter, organization, invitation, link } = mail;
        Self::Invitation(Invitation {
            about: About::new(ctx, requester, &inviter.name),
            inviter: inviter.email.clone(),
            organization: organization.name.clone(),
            role: invitation.role,
            link,
            until: invitation.expires_at,
        })
    }
}

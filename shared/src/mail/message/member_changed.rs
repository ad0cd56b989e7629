//! Mail that reports that a member joined, was removed, or got another role.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::organizations::Role;
use crate::requester::Requester;
use crate::text::{end_sentence, truncate};
use crate::values::{EmailAddress, Name};

/// Longest organization name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 30;

/// How a membership changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipChange {
    /// The member accepted an invitation.
    Joined {
        /// Role of the member in the organization.
        role: Role,
    },
    /// The member was removed.
    Removed,
    /// The member's role was changed.
    RoleChanged {
        /// Role of the member before the change.
        before: Role,
        /// Role of the member after the change.
        after: Role,
    },
}

/// Mail that reports a changed membership, to the member or to the organization's owner. Its texts are shown
/// unchecked: members of the organization chose them, and the recipient is or was a member too.
#[derive(Clone, Serialize, Deserialize)]
pub struct MemberChanged {
    #[serde(flatten)]
    event: EventDetails,
    #[serde(rename = "client")]
    organization: Name,
    change: MembershipChange,
    /// The member's address; `None` if the member is the recipient.
    member: Option<EmailAddress>,
    /// The address of the user who made the change. It is the member's if the member joined.
    actor: EmailAddress,
    link: String,
}

/// The change of a membership that a mail reports.
#[derive(Clone, Copy, Debug)]
pub struct MembershipChangeParams<'a> {
    /// The organization's name.
    pub organization: &'a Name,
    /// How the membership changed.
    pub change: MembershipChange,
    /// The account whose membership changed.
    pub member: &'a User,
    /// The address of the user who made the change.
    pub actor: &'a EmailAddress,
}

templates!(MemberChanged, "mail/member_changed.txt", "mail/member_changed.html");

impl MemberChanged {
    fn happened(&self) -> String {
        let Self { organization, actor, .. } = self;
        let member_or = |you| self.member.as_ref().map_or(you, EmailAddress::as_str);
        end_sentence(match self.change {
            MembershipChange::Joined { role } => {
                let (member, role) = (member_or("You"), role.name());
                format!("{member} joined the organization {organization} with the role {role}")
            }
            MembershipChange::Removed => {
                let member = member_or("you");
                format!("{actor} removed {member} from the organization {organization}")
            }
            MembershipChange::RoleChanged { before, after } => {
                let (before, after) = (before.name(), after.name());
                let whose = self.member.as_ref().map_or_else(
                    || "your role".to_owned(),
                    |member| format!("the role of {member}"),
                );
                format!(
                    "{actor} changed {whose} in the organization {organization} from {before} to {after}"
                )
            }
        })
    }

    fn advice(&self) -> String {
        let actor = &self.actor;
        match (self.change, &self.member) {
            (MembershipChange::Joined { .. }, None) => {
                "another person may have access to your account. Set a new password right away."
                    .to_owned()
            }
            (MembershipChange::Joined { .. }, Some(_)) => {
                "remove the member, and look in the activity log who sent the invitation."
                    .to_owned()
            }
            (_, None) => "ask the owner of the organization.".to_owned(),
            (_, Some(_)) => format!(
                "another person may have access to the account {actor}. Undo the change, and set a new password for \
                 that account."
            ),
        }
    }
}

impl MessageKind for MemberChanged {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let organization = truncate(self.organization.as_str(), MAX_NAME_IN_SUBJECT_LEN);
        match (self.change, &self.member) {
            (MembershipChange::Joined { .. }, None) => format!("You joined {organization}"),
            (MembershipChange::Joined { .. }, Some(_)) => format!("New member of {organization}"),
            (MembershipChange::Removed, None) => format!("You were removed from {organization}"),
            (MembershipChange::Removed, Some(_)) => {
                format!("A member of {organization} was removed")
            }
            (MembershipChange::RoleChanged { .. }, None) => {
                format!("Your role in {organization} was changed")
            }
            (MembershipChange::RoleChanged { .. }, Some(_)) => {
                format!("A role in {organization} was changed")
            }
        }
    }
}

impl Message {
    /// Creates the mail that reports the change of a membership to one recipient.
    pub fn member_changed(
        ctx: &Context,
        requester: &Requester,
        recipient: &User,
        changed: MembershipChangeParams<'_>,
    ) -> Self {
        let is_other = changed.member.id != recipient.id;
        Self::MemberChanged(MemberChanged {
            event: EventDetails::new(ctx, requester, &recipient.name),
            organization: changed.organization.clone(),
            change: changed.change,
            member: is_other.then(|| changed.member.email.clone()),
            actor: changed.actor.clone(),
            link: account_link(ctx),
        })
    }
}

//! Mail that reports that an API key of an organization was created or rotated.

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

/// How an API key was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChange {
    /// The key was created.
    Created,
    /// The key got a new value.
    Rotated,
}

/// Mail that reports that an API key of an organization was created or rotated. Its texts are shown unchecked:
/// members of the organization chose them, and the recipient is a member too.
#[derive(Clone, Serialize, Deserialize)]
pub struct ApiKeyChanged {
    #[serde(flatten)]
    event: EventDetails,
    #[serde(rename = "client")]
    organization: Name,
    key: Name,
    change: KeyChange,
    /// The address of the user who changed the key.
    actor: EmailAddress,
    link: String,
}

/// The change of an API key that a mail reports.
#[derive(Clone, Copy, Debug)]
pub struct KeyChangeParams<'a> {
    /// The organization's name.
    pub organization: &'a Name,
    /// The key's name.
    pub key: &'a Name,
    /// How the key was changed.
    pub change: KeyChange,
    /// The address of the user who changed the key.
    pub actor: &'a EmailAddress,
}

templates!(ApiKeyChanged, "mail/api_key_changed.txt", "mail/api_key_changed.html");

impl ApiKeyChanged {
    fn happened(&self) -> String {
        let Self { organization, key, actor, .. } = self;
        end_sentence(match self.change {
            KeyChange::Created => format!("{actor} created the API key {key} of {organization}"),
            KeyChange::Rotated => {
                format!("{actor} gave the API key {key} of {organization} a new value")
            }
        })
    }

    fn advice(&self) -> String {
        format!(
            "another person may have access to the account {}. Revoke the key right away, and set a new password for \
             that account.",
            self.actor
        )
    }
}

impl MessageKind for ApiKeyChanged {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let organization = truncate(self.organization.as_str(), MAX_NAME_IN_SUBJECT_LEN);
        match self.change {
            KeyChange::Created => format!("New API key of {organization}"),
            KeyChange::Rotated => format!("API key of {organization} was rotated"),
        }
    }
}

impl Message {
    /// Creates the mail that reports the change of an API key to one recipient.
    pub fn api_key_changed(
        ctx: &Context,
        requester: &Requester,
        recipient: &User,
        changed: KeyChangeParams<'_>,
    ) -> Self {
        Self::ApiKeyChanged(ApiKeyChanged {
            event: EventDetails::new(ctx, requester, &recipient.name),
            organization: changed.organization.clone(),
            key: changed.key.clone(),
            change: changed.change,
            actor: changed.actor.clone(),
            link: account_link(ctx),
        })
    }
}

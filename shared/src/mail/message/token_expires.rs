//! Mail that warns that a personal token or an API key expires soon.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::text::truncate;
use crate::values::{Name, Timezone};

/// Longest token name in a subject, in characters.
const MAX_NAME_IN_SUBJECT_LEN: usize = 20;

/// Number of seconds of a day.
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// Mail that warns that a personal token or an API key expires soon.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenExpires {
    /// The recipient's name, and when the warning was due.
    #[serde(flatten)]
    event: EventDetails,
    token: Name,
    /// The masked form of the token's value.
    masked: String,
    /// The name of the organization whose key it is; `None` for a personal token.
    #[serde(rename = "client")]
    organization: Option<Name>,
    expires_at: Timestamp,
    /// The page that has tokens and keys.
    link: String,
}

templates!(TokenExpires, "mail/token_expires.txt", "mail/token_expires.html");

/// The token or API key of a [`TokenExpires`].
#[derive(Clone, Copy, Debug)]
pub struct ExpiringTokenParams<'a> {
    /// The token's name.
    pub token: &'a Name,
    /// The masked form of the token's value.
    pub masked: &'a str,
    /// The name of the organization whose key it is; `None` for a personal token.
    pub organization: Option<&'a Name>,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl TokenExpires {
    fn what(&self) -> String {
        let Self { token, masked, .. } = self;
        match &self.organization {
            Some(organization) => format!("The API key {token} ({masked}) of {organization}"),
            None => format!("Your personal token {token} ({masked})"),
        }
    }

    /// Returns the time that is left, in days that have begun: `7 days`.
    fn time_left(&self) -> String {
        let left = self.event.occurred_at().seconds_until(self.expires_at);
        match left.div_ceil(DAY_SECONDS) {
            0 | 1 => "1 day".to_owned(),
            days => format!("{days} days"),
        }
    }

    fn formatted_expiry(&self, zone: &Timezone) -> String {
        self.expires_at.to_display(zone)
    }
}

impl MessageKind for TokenExpires {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        let kind = if self.organization.is_some() { "API key" } else { "token" };
        let token = truncate(self.token.as_str(), MAX_NAME_IN_SUBJECT_LEN);
        format!("The {kind} {token} expires in {}", self.time_left())
    }
}

impl Message {
    /// Creates the mail that warns a recipient who is called `name`. `at` is when the warning was due.
    pub fn token_expires(
        ctx: &Context,
        name: &Name,
        expiring: ExpiringTokenParams<'_>,
        at: Timestamp,
    ) -> Self {
        Self::TokenExpires(TokenExpires {
            event: EventDetails::without_request(at, name),
            token: expiring.token.clone(),
            masked: expiring.masked.to_owned(),
            organization: expiring.organization.cloned(),
            expires_at: expiring.expires_at,
            link: account_link(ctx),
        })
    }
}

//! Mail that reports that a personal token was created.

use serde::{Deserialize, Serialize};

use super::Message;
use super::event_details::{EventDetails, account_link};
use super::kind::{MessageKind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;
use crate::values::Name;

/// Mail that reports that a personal token was created.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenCreated {
    #[serde(flatten)]
    event: EventDetails,
    token: Name,
    link: String,
}

templates!(TokenCreated, "mail/token_created.txt", "mail/token_created.html");

impl MessageKind for TokenCreated {
    fn event(&self) -> &EventDetails {
        &self.event
    }

    fn subject(&self) -> String {
        "A personal token was created for your AIUS account".to_owned()
    }
}

impl Message {
    /// Creates the mail that reports a new personal token.
    pub fn token_created(ctx: &Context, requester: &Requester, user: &User, token: &Name) -> Self {
        let event = EventDetails::new(ctx, requester, &user.name);
        let (token, link) = (token.clone(), account_link(ctx));
        Self::TokenCreated(TokenCreated { event, token, link })
    }
}

//! A person's token as they see it once its value isn't shown any more.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Token, ended_with_account};
use crate::accounts::User;
use crate::clock::Timestamp;

/// A token of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenView {
    /// Counted for each account, from 1.
    #[schema(example = 42)]
    id: u32,
    /// The address of the account that it acts for, or the id of the only client that it works in.
    #[schema(example = "dev@example.com")]
    client_id: String,
    /// What it is called.
    #[schema(example = "my-cli")]
    token_name: String,
    /// Its last characters, to tell it by.
    #[schema(example = "aius_…x7Qw")]
    masked: String,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last used, to the hour; null until it is.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
    /// When it ends by itself; null where it doesn't.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// When it was revoked, or ended with all of the account's; null while it wasn't.
    #[schema(required)]
    revoked_at: Option<Timestamp>,
}

impl TokenView {
    /// As its user sees it.
    pub(crate) fn of(token: &Token, user: &User) -> Self {
        Self {
            id: token.number,
            client_id: token.shown_client_id(user),
            token_name: token.name.to_string(),
            masked: token.masked(),
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            expires_at: token.expires_at,
            revoked_at: token.dead_since(user),
        }
    }
}

impl Token {
    /// What answers call `client_id`: the only client that it works in, or the address of its account.
    pub(super) fn shown_client_id(&self, user: &User) -> String {
        self.client_id.as_ref().map_or_else(|| user.email.to_string(), ToString::to_string)
    }

    /// Since when it is dead, other than by its age: revoked by itself, or ended with all of its user's.
    pub(super) fn dead_since(&self, user: &User) -> Option<Timestamp> {
        self.revoked_at.or_else(|| ended_with_account(self, user))
    }
}

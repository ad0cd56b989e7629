//! API representation of a personal token.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Scope, Token, revoked_with_account};
use crate::accounts::User;
use crate::clock::Timestamp;

/// A bearer token that acts as the user who created it. Its value is not shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenView {
    /// Number within the account, counted from 1.
    #[schema(example = 42)]
    pub id: u32,
    /// The email address of the token's account, or the id of the only organization that it works in.
    #[schema(example = "dev@example.com")]
    pub client_id: String,
    /// The name of the token.
    #[schema(example = "my-cli")]
    pub token_name: String,
    /// What the token may do.
    pub scopes: Vec<Scope>,
    /// The addresses and networks from which the token may be used; null if it may be used from everywhere.
    #[schema(required, example = json!(["203.0.113.0/24"]))]
    pub allowed_ips: Option<Vec<String>>,
    /// The last characters of the value, by which users recognize the token.
    #[schema(example = "aius_…x7Qw")]
    pub masked: String,
    /// The time at which the token was created.
    pub created_at: Timestamp,
    /// When the token was last used, with a precision of one hour; null if never.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
    /// When the token expires; null if never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When the token was revoked, alone or with all others of the account; null if it is not revoked.
    #[schema(required)]
    pub revoked_at: Option<Timestamp>,
}

impl TokenView {
    /// Builds the view of a token for its user.
    pub(crate) fn new(token: &Token, user: &User) -> Self {
        Self {
            id: token.number,
            client_id: token.shown_client_id(user),
            token_name: token.name.to_string(),
            scopes: token.scopes.to_list(),
            allowed_ips: token.allowed_ips.to_list(),
            masked: token.masked(),
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_since(user),
        }
    }
}

impl Token {
    /// Returns the `client_id` that responses show: the only organization that the token works in,
    /// or the address of its account.
    pub(super) fn shown_client_id(&self, user: &User) -> String {
        self.client_id.as_ref().map_or_else(|| user.email.to_string(), ToString::to_string)
    }

    /// Returns when the token was revoked, alone or with all others of its account.
    pub(crate) fn revoked_since(&self, user: &User) -> Option<Timestamp> {
        self.revoked_at.or_else(|| revoked_with_account(self, user))
    }
}

//! Bearer tokens: `aius_…`. A person's own tokens and the keys of organizations have one format.

pub mod create;
mod last_use;
pub mod list;
mod revealed;
pub mod revoke;
mod secret;
mod view;
pub mod whoami;

use serde::{Deserialize, Serialize};

pub(crate) use last_use::note_use;
pub use revealed::Revealed;
pub use secret::{HashedToken, PlainToken};
pub use view::TokenView;

use crate::accounts::User;
use crate::activity::{Action, Entry, Scope};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::values::{Name, TokenHolder};

/// A token as stored. Its value names the row, and is itself kept as a hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// As whom it acts.
    pub holder: TokenHolder,
    /// Its id: counted for each holder, from 1.
    pub number: u32,
    /// What it is called.
    pub name: Name,
    /// The hash of its value.
    pub hash: HashedToken,
    /// The last characters of its value, by which people tell theirs apart.
    pub ending: String,
    /// The only organization that a person's token works in, if it is for one alone.
    pub client_id: Option<OrganizationId>,
    /// The user's generation of tokens when it was made ([`IssuedTokens`]), or the client's of keys.
    #[serde(default)]
    pub generation: u32,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it got its present value, if that isn't the first.
    pub rotated_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// Whether `token` is its value, and it counts at that moment, as far as its own row tells.
    pub(crate) fn is_good(&self, token: &PlainToken, now: Timestamp) -> bool {
        self.hash == token.hash()
            && self.revoked_at.is_none()
            && self.expires_at.is_none_or(|at| now < at)
    }

    /// The condition that its row is there, and it isn't revoked.
    pub(crate) fn is_alive() -> Condition {
        Condition::All(vec![Condition::Exists, Condition::Missing("revoked_at")])
    }

    /// How it is shown once its value isn't any more.
    pub fn masked(&self) -> String {
        format!("aius_…{}", self.ending)
    }
}

impl Record for Token {
    fn key(&self) -> Key {
        keys::token(&self.holder, self.number)
    }
}

/// What an account knows of its tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IssuedTokens {
    /// How many there were; the id of the latest.
    pub count: u32,
    /// Counts up to end all of them at once: a token holds the value it was made with, and is dead when
    /// the two part.
    pub generation: u32,
    /// When that was last done.
    pub ended_at: Option<Timestamp>,
}

impl IssuedTokens {
    /// With all of them dead from now on.
    #[must_use]
    pub fn ended(self, now: Timestamp) -> Self {
        Self { generation: self.generation + 1, ended_at: Some(now), ..self }
    }
}

/// Since when a person's token is dead for what their account says, if it is. One that was made after the
/// account was read isn't.
pub(crate) fn ended_with_account(token: &Token, user: &User) -> Option<Timestamp> {
    let issued = &user.tokens;
    if token.generation < issued.generation { issued.ended_at } else { None }
}

/// Since when a key is dead for what its client says, if it is.
pub(crate) fn ended_with_client(key: &Token, organization: &Organization) -> Option<Timestamp> {
    if key.generation < organization.keys_generation { organization.keys_ended_at } else { None }
}

/// An entry in the person's own log about a token of theirs.
fn entry(
    ctx: &Context,
    requester: &Requester,
    user: &UserId,
    action: Action,
    token: &Token,
) -> Entry {
    let scope = Scope::User(user.clone());
    let entry = Entry::new(ctx, requester, &scope, action, user, token.number);
    let entry = entry.detail("name", &token.name);
    match &token.client_id {
        Some(organization) => entry.detail("client", organization),
        None => entry,
    }
}

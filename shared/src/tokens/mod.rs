//! Bearer tokens (`aius_…`). Personal tokens and API keys of organizations share one format.

mod allowed_ips;
pub mod create;
pub mod expiry_reminder;
mod issued_tokens;
pub mod list;
mod plain_token;
mod previous_value;
mod record_use;
mod revealed_token;
pub mod revoke;
mod scope;
mod view;
pub mod whoami;

use serde::{Deserialize, Serialize};

pub use allowed_ips::{AllowedIps, MAX_ALLOWED_IPS};
pub use issued_tokens::IssuedTokens;
pub use plain_token::{PlainToken, TokenHash};
pub use previous_value::{GracePeriod, MAX_GRACE_SECONDS, PreviousValue, PreviousValueView};
pub(crate) use record_use::record_use;
pub use revealed_token::RevealedToken;
pub use scope::{Scope, Scopes, join_scopes, parse_scopes};
pub use view::TokenView;

use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope, ORGANIZATION_DETAIL};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::values::{Name, TokenHolder};

/// A bearer token as stored. Its plain text names this row, which keeps only a hash of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// The account or organization that the token acts as.
    pub holder: TokenHolder,
    /// The token's number within its holder, counted from 1.
    pub number: u32,
    /// Name that its creator chose.
    pub name: Name,
    /// The hash of the plain text.
    pub hash: TokenHash,
    /// The value that the last rotation replaced, if it is still accepted for a while.
    pub previous_value: Option<PreviousValue>,
    /// The last characters of the plain text, by which users recognize the token.
    pub ending: String,
    /// The only organization that a personal token works in, if it is limited to one.
    pub client_id: Option<OrganizationId>,
    /// What the token may do, of all that its holder may do.
    #[serde(default, skip_serializing_if = "Scopes::is_unrestricted")]
    pub scopes: Scopes,
    /// The addresses from which the token may be used.
    #[serde(default, skip_serializing_if = "AllowedIps::is_unrestricted")]
    pub allowed_ips: AllowedIps,
    /// The generation of the holder's tokens at creation, from [`IssuedTokens`] or the
    /// organization's `keys_generation`.
    #[serde(default)]
    pub generation: u32,
    /// The user who created the token.
    pub created_by: UserId,
    /// When the token was created.
    pub created_at: Timestamp,
    /// When the token was last rotated, if ever.
    pub rotated_at: Option<Timestamp>,
    /// When the token was last used, with a precision of one hour.
    pub last_used_at: Option<Timestamp>,
    /// When the token expires, if ever.
    pub expires_at: Option<Timestamp>,
    /// When the token was revoked on its own, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// Returns whether the plain text matches and the token has neither expired nor been revoked on
    /// its own. The value before the last rotation matches until its grace period ends.
    pub(crate) fn is_valid(&self, token: &PlainToken, now: Timestamp) -> bool {
        let hash = token.hash();
        let is_previous = |previous: &PreviousValue| previous.is_valid(&hash, now);
        (self.hash == hash || self.previous_value.as_ref().is_some_and(is_previous))
            && self.revoked_at.is_none()
            && self.expires_at.is_none_or(|at| now < at)
    }

    /// Returns when the plain text stops to be valid by itself, if ever: at the token's expiry, or at the end of the
    /// grace period if it is the value before the last rotation.
    pub(crate) fn valid_until(&self, token: &PlainToken) -> Option<Timestamp> {
        let replaced = self.previous_value.as_ref().filter(|_| self.hash != token.hash());
        [self.expires_at, replaced.map(PreviousValue::valid_until)].into_iter().flatten().min()
    }

    /// Returns the condition that the token's row exists and is not revoked.
    pub(crate) fn not_revoked() -> Condition {
        Condition::All(vec![Condition::Exists, Condition::Missing("revoked_at")])
    }

    /// Returns the masked form that is shown after creation.
    pub fn masked(&self) -> String {
        format!("aius_…{}", self.ending)
    }
}

impl Record for Token {
    fn key(&self) -> Key {
        keys::token(&self.holder, self.number)
    }
}

/// Returns when a personal token was revoked together with all others of its account. A token that
/// is newer than `user` as read is not revoked.
pub(crate) fn revoked_with_account(token: &Token, user: &User) -> Option<Timestamp> {
    let issued = &user.tokens;
    if token.generation < issued.generation { issued.ended_at } else { None }
}

/// Returns when an API key was revoked together with all others of its organization.
pub(crate) fn revoked_with_organization(
    key: &Token,
    organization: &Organization,
) -> Option<Timestamp> {
    if key.generation < organization.keys_generation { organization.keys_ended_at } else { None }
}

/// Creates an event about a personal token in its user's own log.
pub(crate) fn audit_event(
    ctx: &Context,
    requester: &Requester,
    user: &UserId,
    action: Action,
    token: &Token,
) -> AuditEvent {
    let scope = AuditScope::User(user.clone());
    let event = AuditEvent::new(ctx, requester, &scope, user, action).with_target(token.number);
    let event = event.with_detail("name", &token.name);
    match &token.client_id {
        Some(organization) => event.with_detail(ORGANIZATION_DETAIL, organization),
        None => event,
    }
}

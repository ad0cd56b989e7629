//! API keys of organizations: bearer tokens that act as the organization, and stay valid when their
//! creator leaves. They are stored as `tokens` are; this module has the operations of owners and
//! admins.

pub mod create;
pub mod list;
pub mod list_all;
pub mod revoke;
pub mod rotate;
mod view;

pub use view::{KeyView, ListedKey, NewKey};

use crate::activity::{Action, Entry};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::organizations::Organization;
use crate::organizations::authorize::Authorized;
use crate::requester::Requester;
use crate::tokens::{Token, ended_with_client};

/// Returns when a key was revoked, alone or with all others of its organization.
fn dead_since(key: &Token, organization: &Organization) -> Option<Timestamp> {
    key.revoked_at.or_else(|| ended_with_client(key, organization))
}

/// Creates an event about an API key in its organization's log.
fn entry(
    ctx: &Context,
    requester: &Requester,
    authorized: &Authorized,
    action: Action,
    key: &Token,
) -> Entry {
    let (organization, actor) = (&authorized.organization.id, authorized.principal.actor());
    let entry =
        Entry::of_client(ctx, requester, organization, actor, action).with_target(key.number);
    entry.detail("name", &key.name)
}

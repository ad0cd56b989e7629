//! Keys of organizations: bearer tokens that act as the organization and outlive whoever made them. Their
//! rows are those of `tokens`; here is what owners and admins do with them.

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
use crate::organizations::admit::Admitted;
use crate::requester::Requester;
use crate::tokens::{Token, ended_with_client};

/// Since when a key is dead, if it is.
fn dead_since(key: &Token, organization: &Organization) -> Option<Timestamp> {
    key.revoked_at.or_else(|| ended_with_client(key, organization))
}

/// An entry in the organization's log about one of its keys.
fn entry(
    ctx: &Context,
    requester: &Requester,
    admitted: &Admitted,
    action: Action,
    key: &Token,
) -> Entry {
    let (organization, actor) = (&admitted.organization.id, admitted.caller.actor());
    let entry = Entry::of_client(ctx, requester, organization, actor, action, key.number);
    entry.detail("name", &key.name)
}

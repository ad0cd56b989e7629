//! API keys of organizations: bearer tokens that act as the organization, and stay valid when their
//! creator leaves. They are stored as `tokens` are; this module has the operations of owners and
//! admins.

pub mod create;
mod creators;
pub mod list;
pub mod list_all;
mod notices;
pub mod revoke;
pub mod rotate;
mod view;

pub use creators::KeyCreator;
pub use view::{KeyView, ListedKey, NewKey};

use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::organizations::Organization;
use crate::organizations::authorize::Authorized;
use crate::requester::Requester;
use crate::tokens::{Token, revoked_with_organization};

/// Returns when a key was revoked, alone or with all others of its organization.
fn revoked_since(key: &Token, organization: &Organization) -> Option<Timestamp> {
    key.revoked_at.or_else(|| revoked_with_organization(key, organization))
}

/// Creates an event about an API key in its organization's log.
fn audit_event(
    ctx: &Context,
    requester: &Requester,
    authorized: &Authorized,
    action: Action,
    key: &Token,
) -> AuditEvent {
    let (organization, actor) = (&authorized.organization.id, authorized.principal.actor());
    let event = AuditEvent::for_organization(ctx, requester, organization, actor, action)
        .with_target(key.number);
    event.with_detail("name", &key.name)
}

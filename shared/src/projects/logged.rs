//! Audit events about projects.

use super::Project;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::organizations::authorize::Authorized;
use crate::requester::Requester;

/// Creates an event about a project in its organization's log, caused by the caller.
pub(super) fn entry(
    ctx: &Context,
    requester: &Requester,
    authorized: &Authorized,
    action: Action,
    project: &Project,
) -> Entry {
    let actor = authorized.principal.actor();
    Entry::of_client(ctx, requester, &authorized.organization.id, actor, action)
        .with_target(&project.id)
}

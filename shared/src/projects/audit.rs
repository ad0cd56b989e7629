//! Audit events about projects.

use super::Project;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::organizations::authorize::Authorized;
use crate::requester::Requester;

/// Creates an event about a project in its organization's log, caused by the caller.
pub(super) fn audit_event(
    ctx: &Context,
    requester: &Requester,
    authorized: &Authorized,
    action: Action,
    project: &Project,
) -> AuditEvent {
    let actor = authorized.principal.actor();
    AuditEvent::for_organization(ctx, requester, &authorized.organization.id, actor, action)
        .with_target(&project.id)
}

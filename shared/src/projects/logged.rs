//! Audit events about projects.

use super::Project;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::organizations::admit::Admitted;
use crate::requester::Requester;

/// Creates an event about a project in its organization's log, caused by the caller.
pub(super) fn entry(
    ctx: &Context,
    requester: &Requester,
    admitted: &Admitted,
    action: Action,
    project: &Project,
) -> Entry {
    let actor = admitted.caller.actor();
    Entry::of_client(ctx, requester, &admitted.organization.id, actor, action, &project.id)
}

//! What is done in projects, in the organization's log.

use super::Project;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::organizations::admit::Admitted;
use crate::requester::Requester;

/// An entry of now: the caller did that to the project.
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

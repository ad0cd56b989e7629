//! What is done in projects, in the organization's log.

use super::Project;
use crate::activity::{Action, Entry};
use crate::clients::admit::Admitted;
use crate::context::Context;
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
    Entry::of_client(ctx, requester, &admitted.client.id, actor, action, &project.id)
}

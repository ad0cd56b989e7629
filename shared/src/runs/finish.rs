//! Finishes a run.

use super::{Run, RunOutcome, RunStatus, RunSummary, RunView};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::RunId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::authorize_project;

/// Finishes a run, which is final, and queues the notifications about it. Finishing it again in the
/// same way changes nothing.
///
/// # Errors
///
/// * [`Error::NotFound`] if the run or its project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::RunFinished`] if the run was finished with another outcome or summary.
pub async fn finish(
    ctx: &Context,
    caller: &Caller,
    id: &RunId,
    outcome: RunOutcome,
    summary: Option<RunSummary>,
) -> Result<RunView> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, outcome, summary.clone())).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &RunId,
    outcome: RunOutcome,
    summary: Option<RunSummary>,
) -> Attempt<RunView> {
    let key = keys::run(id);
    let extra_keys = [key.clone()];
    let (authorized, _, found) =
        authorize_project(ctx, caller, &id.project(), Right::ManageProjects, &extra_keys).await?;
    let before: Run = found.read(&key)?.ok_or(Error::NotFound)?;
    if before.status != RunStatus::Running {
        // The caller may not have received the first response.
        let is_same = before.status == outcome.into() && before.summary == summary;
        return if is_same { Ok(RunView::from(&before)) } else { Err(Error::RunFinished.into()) };
    }
    let run = before.with_outcome(ctx.now(), outcome, summary);
    let mut tx = ctx.table.transaction();
    tx.put(&run, Condition::equal("status", RunStatus::Running)?, AttemptError::Conflict)?;
    authorized.recheck(&mut tx)?;
    run.enqueue_news(&mut tx)?;
    let (actor, action) = (authorized.principal.actor(), Action::RunFinished);
    let event = AuditEvent::for_organization(
        ctx,
        &caller.requester,
        &authorized.organization.id,
        actor,
        action,
    )
    .with_target(&run.id);
    let event = event.with_detail("name", &run.name).with_detail("kind", run.kind.name());
    tx.commit(event.with_detail("status", run.status.name())).await?;
    Ok(RunView::from(&run))
}

//! Starts a run, or reports one that has ended.

use super::{Run, RunKind, RunOutcome, RunStatus, RunSummary, RunView};
use crate::activity::{Action, AuditEvent};
use crate::billing::period_usage::PeriodUsage;
use crate::billing::quota::UsagePeriod;
use crate::billing::stripe_account::StripeAccount;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::{ProjectId, RunId};
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::Project;
use crate::projects::authorize::authorize_project;
use crate::values::Name;

/// Parameters for starting a run.
#[derive(Clone, Debug)]
pub struct NewRun {
    kind: RunKind,
    name: Name,
    outcome: Option<(RunOutcome, Option<RunSummary>)>,
}

impl NewRun {
    /// Creates the parameters.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if a run that has not ended has a summary.
    pub fn new(
        kind: RunKind,
        name: Name,
        status: RunStatus,
        summary: Option<RunSummary>,
    ) -> Result<Self> {
        let outcome = match (status, summary) {
            (RunStatus::Running, None) => None,
            (RunStatus::Running, Some(_)) => {
                return Err(Error::invalid_field(
                    "summary",
                    "must be empty while the run is running",
                ));
            }
            (RunStatus::Succeeded, summary) => Some((RunOutcome::Succeeded, summary)),
            (RunStatus::Failed, summary) => Some((RunOutcome::Failed, summary)),
        };
        Ok(Self { kind, name, outcome })
    }
}

/// Starts a run in a project. A run that has already ended is recorded as ending now, and the
/// notifications about it are queued.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
/// * [`Error::IdempotencyConflict`](crate::error::Error::IdempotencyConflict) if the idempotency
///   key was used for another request.
pub async fn start(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    project: &ProjectId,
    new: &NewRun,
) -> Result<Replayable<RunView>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, project, new)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    project: &ProjectId,
    new: &NewRun,
) -> Attempt<Replayable<RunView>> {
    let extra = [keys::stripe_account(&project.organization())];
    let (authorized, done) = tokio::join!(
        authorize_project(ctx, caller, project, Right::ManageProjects, &extra),
        idempotency_key.replay(ctx)
    );
    let (authorized, project, found) = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    project.require_not_copying()?;
    let now = ctx.now();
    let run = Run {
        id: RunId::generate(&*ctx.random, now, &project.id),
        kind: new.kind,
        name: new.name.clone(),
        status: RunStatus::Running,
        summary: None,
        created_at: now,
        finished_at: None,
    };
    let run = match new.outcome.clone() {
        None => run,
        Some((outcome, summary)) => run.with_outcome(now, outcome, summary),
    };
    let organization = &authorized.organization;
    let mut tx = ctx.table.transaction();
    tx.put_new(&run)?;
    authorized.recheck(&mut tx)?;
    // The run is counted in a new row under the organization.
    organization.require_exists(&mut tx)?;
    require_exists(&project, &mut tx)?;
    let account: Option<StripeAccount> = found.read(&extra[0])?;
    let account = account.unwrap_or_else(|| StripeAccount::new(&organization.id));
    let period = UsagePeriod::current(&account, now);
    tx.update(PeriodUsage::count_run(&organization.id, &period.name)?, AttemptError::Conflict)?;
    run.enqueue_news(&mut tx)?;
    let view = RunView::from(&run);
    idempotency_key.store_response(ctx, &mut tx, &view).await?;
    let action = Action::RunStarted;
    let actor = authorized.principal.actor();
    let event =
        AuditEvent::for_organization(ctx, &caller.requester, &organization.id, actor, action)
            .with_target(&run.id);
    let event = event.with_detail("name", &run.name).with_detail("kind", run.kind.name());
    tx.commit(event.with_detail("status", run.status.name())).await?;
    Ok(Replayable::new(view))
}

/// Adds a check to `tx` that the project exists and is not being copied into.
fn require_exists(project: &Project, tx: &mut Tx<'_>) -> Result<()> {
    let whole = Condition::All(vec![
        Condition::Exists,
        Condition::Missing("deleted_at"),
        Condition::Missing("copying"),
    ]);
    tx.check(&project.key(), &whole, AttemptError::Conflict)
}

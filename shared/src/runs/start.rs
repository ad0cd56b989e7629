//! Starts a run, or reports one that has ended.

use super::{Outcome, Run, RunKind, RunStatus, RunView, Summary};
use crate::activity::{Action, Entry};
use crate::billing::usage::MonthlyUsage;
use crate::context::Context;
use crate::credentials::Credential;
use crate::credits::Credits;
use crate::dynamo::{Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::{ProjectId, RunId};
use crate::projects::Project;
use crate::projects::admit::admit;
use crate::requester::Requester;
use crate::values::Name;

/// Parameters for starting a run.
#[derive(Clone, Debug)]
pub struct NewRun {
    kind: RunKind,
    name: Name,
    ended: Option<(Outcome, Option<Summary>)>,
}

impl NewRun {
    /// Creates the parameters.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if a run that has not ended has a summary.
    pub fn of(
        kind: RunKind,
        name: Name,
        status: RunStatus,
        summary: Option<Summary>,
    ) -> Result<Self> {
        let ended = match (status, summary) {
            (RunStatus::Running, None) => None,
            (RunStatus::Running, Some(_)) => {
                return Err(Error::invalid_field(
                    "summary",
                    "must be empty while the run is running",
                ));
            }
            (RunStatus::Succeeded, summary) => Some((Outcome::Succeeded, summary)),
            (RunStatus::Failed, summary) => Some((Outcome::Failed, summary)),
        };
        Ok(Self { kind, name, ended })
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
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    project: &ProjectId,
    new: &NewRun,
) -> Result<Done<RunView>> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, once, project, new)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    project: &ProjectId,
    new: &NewRun,
) -> Result<Done<RunView>> {
    let (admitted, done) =
        tokio::join!(admit(ctx, requester, credential, project, &[]), once.replay(ctx));
    let (admitted, project, _) = admitted?;
    if let Some(done) = done? {
        return Ok(done);
    }
    project.is_whole()?;
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
    let run = match new.ended.clone() {
        None => run,
        Some((outcome, summary)) => run.ended(now, outcome, summary),
    };
    let organization = &admitted.organization;
    let mut tx = ctx.table.transaction();
    tx.put_new(&run)?;
    admitted.hold(&mut tx)?;
    // The run is counted in a new row under the organization.
    organization.stays(&mut tx)?;
    stays(&project, &mut tx)?;
    tx.update(MonthlyUsage::count(&organization.id, now, Credits::default(), 1)?, Error::Conflict)?;
    run.call_for_news(&mut tx)?;
    let view = RunView::from(&run);
    once.remember(ctx, &mut tx, &view).await?;
    let action = Action::RunStarted;
    let actor = admitted.caller.actor();
    let entry = Entry::of_client(ctx, requester, &organization.id, actor, action, &run.id);
    let entry = entry.detail("name", &run.name).detail("kind", run.kind.name());
    tx.commit(entry.detail("status", run.status.name())).await?;
    Ok(Done::now(view))
}

/// Adds a check to `tx` that the project exists and is not being copied into.
fn stays(project: &Project, tx: &mut Tx<'_>) -> Result<()> {
    let whole = Condition::All(vec![
        Condition::Exists,
        Condition::Missing("deleted_at"),
        Condition::Missing("copying"),
    ]);
    tx.check(&project.key(), &whole, Error::Conflict)
}

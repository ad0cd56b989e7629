//! Telling an organization's members how a run ended, each as they asked for it. Done by the worker.

use super::audience::{Channels, Way};
use super::members::{MembersStep, tell_members};
use super::news::{News, is_of_use};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::ids::{RunId, UserId};
use crate::mail::Message;
use crate::organizations::Organization;
use crate::projects::Project;
use crate::runs::{FinishedRun, Run};
use crate::values::Name;
use crate::work::{Job, JobRecord, Progress, complete_step};
use crate::{keys, slack};

impl News for FinishedRun {
    fn name(&self) -> String {
        format!("run {}", self.run.id)
    }

    fn at(&self) -> Timestamp {
        self.at
    }

    fn ways(&self, channels: Channels) -> Vec<Way> {
        channels.ways_of_run(&self.run)
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        Message::run_ended(ctx, name, self)
    }

    fn slack(&self, ctx: &Context) -> Option<String> {
        Some(slack::run_ended(ctx, self))
    }
}

/// Tells the members after that one, up to a hundred of them, and notes how far that has come.
pub async fn tell(
    ctx: &Context,
    work: &JobRecord,
    run_id: &RunId,
    after: Option<&UserId>,
) -> Result<()> {
    let Some(ended) = ended(ctx, run_id).await?.filter(|ended| is_of_use(ctx, ended)) else {
        return complete_step(ctx, work, Progress::Done).await;
    };
    let job_after = |last| Job::TellOfRun { run_id: run_id.clone(), after: Some(last) };
    let step = MembersStep { record: work, organization_id: &run_id.client(), after };
    tell_members(ctx, step, &ended, job_after).await
}

/// The run, unless there is nothing to tell of it: it is gone, or its project or organization is.
async fn ended(ctx: &Context, id: &RunId) -> Result<Option<FinishedRun>> {
    let wanted = [keys::run(id), keys::project(&id.project()), keys::organization(&id.client())];
    let found = ctx.table.batch_get(&wanted).await?;
    let [run, project, organization] = &wanted;
    let run: Option<Run> = found.read(run)?;
    let project = found.read(project)?.filter(Project::exists);
    let organization = found.read(organization)?.filter(Organization::exists);
    let (Some(run), Some(project), Some(organization)) = (run, project, organization) else {
        return Ok(None);
    };
    let Some(at) = run.finished_at else { return Ok(None) };
    Ok(Some(FinishedRun { run, at, project: project.name, organization: organization.name }))
}

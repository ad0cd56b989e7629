//! Notification of an organization's members that a run ended.

use super::channels::{Channel, ChannelChoices};
use super::limits::RUNS_PER_ORGANIZATION;
use super::notification::{Notification, is_recent};
use super::notify_members::{MembersStep, notify_members};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::ids::{RunId, UserId};
use crate::jobs::{Job, JobRecord, Progress, complete_step};
use crate::keys;
use crate::mail::Message;
use crate::organizations::Organization;
use crate::projects::Project;
use crate::runs::{FinishedRun, Run};
use crate::slack;
use crate::values::{Name, Timezone};

/// The notification that a run ended.
struct RunNotification {
    ended: FinishedRun,
    organization: Organization,
}

impl Notification for RunNotification {
    fn unique_name(&self) -> String {
        format!("run {}", self.ended.run.id)
    }

    fn occurred_at(&self) -> Timestamp {
        self.ended.at
    }

    fn is_allowed_for(&self, user: &User) -> bool {
        self.organization.is_open_to(user)
    }

    fn channels(&self, choices: ChannelChoices) -> Vec<Channel> {
        choices.run_channels(&self.ended.run)
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        Message::run_ended(ctx, name, &self.ended)
    }

    fn slack_text(&self, ctx: &Context, zone: &Timezone) -> Option<String> {
        Some(slack::run_ended_text(ctx, &self.ended, zone))
    }
}

/// Notifies the next batch of members that a run ended. `after` is the last member of the previous batch. Notifies
/// nobody above [`RUNS_PER_ORGANIZATION`].
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
/// * [`AttemptError::Conflict`](crate::dynamo::AttemptError::Conflict) if another worker completed the same step.
pub async fn notify_run(
    ctx: &Context,
    record: &JobRecord,
    run_id: &RunId,
    after: Option<&UserId>,
) -> Result<()> {
    let Some(ended) = find_ended_run(ctx, run_id).await?.filter(|ended| is_recent(ctx, ended))
    else {
        return complete_step(ctx, record, Progress::Done).await;
    };
    let organization_id = run_id.organization();
    let is_first_step = after.is_none();
    if is_first_step && !RUNS_PER_ORGANIZATION.try_count(ctx, organization_id.as_str()).await? {
        tracing::info!(run = %run_id, "a run notifies nobody, because its organization reached the limit");
        return complete_step(ctx, record, Progress::Done).await;
    }
    let job_after = |last| Job::NotifyRun { run_id: run_id.clone(), after: Some(last) };
    let step = MembersStep { record, organization_id: &organization_id, after };
    notify_members(ctx, step, &ended, job_after).await
}

/// Finds a run that ended. Returns `None` if the run, its project or its organization is deleted.
async fn find_ended_run(ctx: &Context, id: &RunId) -> Result<Option<RunNotification>> {
    let wanted =
        [keys::run(id), keys::project(&id.project()), keys::organization(&id.organization())];
    let found = ctx.table.batch_get(&wanted).await?;
    let [run, project, organization] = &wanted;
    let run: Option<Run> = found.read(run)?;
    let project = found.read(project)?.filter(Project::exists);
    let organization = found.read(organization)?.filter(Organization::exists);
    let (Some(run), Some(project), Some(organization)) = (run, project, organization) else {
        return Ok(None);
    };
    let Some(at) = run.finished_at else { return Ok(None) };
    let (project, name) = (project.name, organization.name.clone());
    let ended = FinishedRun { run, at, project, organization: name };
    Ok(Some(RunNotification { ended, organization }))
}

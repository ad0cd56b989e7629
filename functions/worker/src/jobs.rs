//! Background jobs that requests have enqueued.

use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use shared::dynamo::Record;
use shared::error::{Error, Result};
use shared::notices::tell_of_usage::QuotaUsed;
use shared::notices::{tell, tell_of_payment, tell_of_usage};
use shared::work::{Job, Left, Work, note, waiting};
use shared::{billing, organizations, projects};

use crate::Worker;
use crate::concurrent::{START_TIMEOUT, run_within};

/// Longest duration of one step of a job, many times its usual duration. Other jobs wait behind it.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);

impl Worker {
    /// Runs a step of each job. Returns the sequence numbers of the records to retry, which are those of
    /// failed notifications. Other jobs that fail are left to the hourly run, because a retry by the stream
    /// would hold up the records behind them.
    pub(crate) async fn run_steps(
        &self,
        jobs: impl Iterator<Item = (Work, Option<String>)>,
    ) -> Vec<Option<String>> {
        let steps = jobs.map(async |(work, sequence_number)| {
            let result = self.run_step_in_time(&work, sequence_number.as_deref()).await;
            (result.is_err() && is_notification(&work.job)).then_some(sequence_number)
        });
        join_all(steps).await.into_iter().flatten().collect()
    }

    /// Runs a step of every unfinished job. The stream runs the steps that follow.
    ///
    /// # Errors
    /// The last error of a job. A job that fails does not stop the others.
    pub(crate) async fn drain_jobs(&self) -> Result<()> {
        let unfinished = waiting(&self.ctx).await?;
        let (total, more) = (unfinished.items.len(), unfinished.more);
        let step = async |work: Work| self.run_step_in_time(&work, None).await;
        let results = run_within(unfinished.items, START_TIMEOUT, step).await;
        let left = total - results.len();
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        tracing::info!(total, failed = errors.len(), left, more, "unfinished jobs");
        errors.pop().map_or(Ok(()), Err)
    }

    async fn run_step_in_time(&self, work: &Work, sequence_number: Option<&str>) -> Result<()> {
        let step = self.run_step(work, sequence_number);
        tokio::time::timeout(STEP_TIMEOUT, step).await.unwrap_or_else(|_| {
            tracing::error!(job = work.job.name(), "a job step timed out");
            Err(Error::Unavailable("a job step timed out".into()))
        })
    }

    async fn run_step(&self, work: &Work, sequence_number: Option<&str>) -> Result<()> {
        let result = self.step(work).await;
        if let Err(error) = &result {
            tracing::error!(cause = ?error, job = work.job.name(), "a job step failed");
        }
        match result {
            // A retry cannot succeed, and nothing else depends on a notification.
            Err(error) if error.is_unreadable() && is_notification(&work.job) => {
                self.clients.dead_letters.put(&work.key(), sequence_number).await?;
                self.ctx.table.delete(&work.key()).await
            }
            result => result,
        }
    }

    async fn step(&self, work: &Work) -> Result<()> {
        let ctx = &self.ctx;
        let left = match &work.job {
            Job::TellOfRun { run_id, after } => {
                return tell::tell(ctx, work, run_id, after.as_ref()).await;
            }
            Job::TellOfUsage { client_id, percent, grant, at, after } => {
                let (client_id, percent, grant, at) = (client_id.clone(), *percent, *grant, *at);
                let quota = QuotaUsed { client_id, percent, grant, at };
                return tell_of_usage::tell(ctx, work, &quota, after.as_ref()).await;
            }
            Job::TellOfPayment(news) => return tell_of_payment::tell(ctx, work, news).await,
            Job::SweepClient { client_id } => {
                // The sweep deletes the organization's Stripe ids, so its subscription ends first.
                billing::end(ctx, &self.clients.stripe, client_id).await?;
                organizations::sweep::sweep(ctx, client_id).await?
            }
            Job::SweepProject { project_id } => projects::sweep::sweep(ctx, project_id).await?,
            Job::CopyProject { project_id } => projects::copy::copy(ctx, project_id).await?,
            Job::DeleteLeftovers { project_id } => {
                projects::leftovers::delete(ctx, project_id).await?
            }
            Job::RemoveContents { objects } => {
                let removing = objects.iter().map(|object| self.contents.remove(object));
                try_join_all(removing).await?;
                Left::Nothing
            }
        };
        note(ctx, work, left).await
    }
}

/// Returns whether the job notifies people, who expect the message soon.
fn is_notification(job: &Job) -> bool {
    match job {
        Job::TellOfRun { .. } | Job::TellOfUsage { .. } | Job::TellOfPayment(_) => true,
        Job::SweepClient { .. }
        | Job::SweepProject { .. }
        | Job::CopyProject { .. }
        | Job::DeleteLeftovers { .. }
        | Job::RemoveContents { .. } => false,
    }
}

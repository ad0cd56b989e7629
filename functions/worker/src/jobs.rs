//! Background jobs that requests have enqueued.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::try_join_all;
use shared::accounts::two_factor::reset::apply::apply_two_factor_reset;
use shared::activity::Log;
use shared::artifacts::complete::complete_in_background;
use shared::cause::caused_by;
use shared::dead_letters::DeadLetterReason;
use shared::dynamo::{Record, retry_conflicts};
use shared::error::{Error, Result};
use shared::jobs::{Job, JobRecord, Progress, complete_step, list_pending, store_jobs_cursor};
use shared::notifications::{
    OrganizationDeletion, QuotaUsed, TokenExpiry, notify_expiry, notify_organization_deleted,
    notify_payment, notify_run, notify_usage,
};
use shared::{billing, mail, organizations, projects};
use tracing::Instrument;

use crate::Worker;
use crate::backlog::report_backlog;
use crate::concurrent::{START_TIMEOUT, run_within};

/// Longest duration of one step of a job, many times its usual duration. Other jobs of the organization
/// wait behind it.
const STEP_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest duration of a step that completes an upload, for which S3 copies up to 512 MiB, audits ledgers, or goes
/// through lists of Stripe. Nothing waits behind it. The function's `Timeout` in `template.yaml` is 60 seconds.
const LONG_STEP_TIMEOUT: Duration = Duration::from_secs(50);

impl Worker {
    /// Runs a step of a job that the stream has reported.
    ///
    /// # Errors
    /// The error of a job that people wait for, which is retried. Other jobs that fail are left to the hourly run,
    /// because a retry would hold up the organization's jobs behind them.
    pub(crate) async fn run_step_of_stream(
        &self,
        record: &JobRecord,
        sequence_number: Option<&str>,
    ) -> Result<()> {
        match self.run_step_in_time(record, sequence_number).await {
            Err(error) if is_retried_soon(&record.job) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Runs a step of every unfinished job, beginning where the previous run stopped. The stream runs the
    /// steps that follow.
    ///
    /// # Errors
    /// The last error of a job. A job that fails does not stop the others.
    pub(crate) async fn drain_jobs(&self) -> Result<()> {
        let unfinished = list_pending(&self.ctx).await?;
        let (total, more) = (unfinished.jobs.len(), unfinished.more);
        let step = async |record: JobRecord| {
            let cause = record.request_id.clone();
            // The level of an error, so that the span exists at every `LogLevel`.
            let span = tracing::error_span!("job", cause_request_id = cause.as_deref());
            caused_by(cause, self.resume(&record).boxed()).instrument(span).await
        };
        let results = run_within(unfinished.jobs.clone(), START_TIMEOUT, step).await;
        let left = total - results.len();
        store_jobs_cursor(&self.ctx, &unfinished.cursor_after(results.len())).await?;
        report_backlog("jobs", left + usize::from(more));
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        tracing::info!(total, failed = errors.len(), left, more, "unfinished jobs");
        errors.pop().map_or(Ok(()), Err)
    }

    /// Enqueues the job that continues a scheduled run, or resumes it if it exists.
    pub(crate) async fn continue_run(&self, job: &Job, why_no_audit: &'static str) -> Result<()> {
        retry_conflicts(&self.ctx, || async {
            let mut tx = self.ctx.table.transaction();
            job.requeue(&mut tx)?;
            tx.commit(Log::Nothing(why_no_audit)).await
        })
        .await
    }

    /// Runs a step of a job that the stream has not completed.
    async fn resume(&self, record: &JobRecord) -> Result<()> {
        if has_long_steps(&record.job) {
            // It takes longer than what is left of this run, so the queue gets it again.
            complete_step(&self.ctx, record, Progress::More).await
        } else {
            self.run_step_in_time(record, None).await
        }
    }

    async fn run_step_in_time(
        &self,
        record: &JobRecord,
        sequence_number: Option<&str>,
    ) -> Result<()> {
        let step = self.run_step(record, sequence_number);
        let limit = if has_long_steps(&record.job) { LONG_STEP_TIMEOUT } else { STEP_TIMEOUT };
        tokio::time::timeout(limit, step).await.unwrap_or_else(|_| {
            tracing::error!(job = record.job.name(), "a job step timed out");
            Err(Error::Unavailable("a job step timed out".into()))
        })
    }

    async fn run_step(&self, record: &JobRecord, sequence_number: Option<&str>) -> Result<()> {
        // Boxed, because the future is as large as that of the largest job.
        let result = self.step(record).boxed().await;
        if let Err(error) = &result {
            tracing::error!(cause = ?error, job = record.job.name(), "a job step failed");
        }
        match result {
            // A retry cannot succeed, and nothing else depends on a notification.
            Err(error) if error.is_unreadable() && is_notification(&record.job) => {
                self.clients
                    .dead_letters
                    .put(&record.key(), sequence_number, DeadLetterReason::Unreadable)
                    .await?;
                let key = record.key();
                retry_conflicts(&self.ctx, || self.ctx.table.delete(&key)).await
            }
            result => result,
        }
    }

    async fn step(&self, record: &JobRecord) -> Result<()> {
        let ctx = &self.ctx;
        let progress = match &record.job {
            Job::NotifyRun { run_id, after } => {
                return notify_run(ctx, record, run_id, after.as_ref()).await;
            }
            Job::NotifyUsage { client_id, percent, grant, at, after } => {
                let (organization_id, percent, grant, at) =
                    (client_id.clone(), *percent, *grant, *at);
                let quota = QuotaUsed { organization_id, percent, grant, at };
                return notify_usage(ctx, record, &quota, after.as_ref()).await;
            }
            Job::NotifyOrganizationDeleted { client_id, at, requester, after } => {
                let deletion = OrganizationDeletion {
                    organization_id: client_id.clone(),
                    at: *at,
                    requester: requester.clone(),
                };
                return notify_organization_deleted(ctx, record, &deletion, after.as_ref()).await;
            }
            Job::NotifyExpiry { holder, number, expires_at, days_left, at, after } => {
                let expiry = TokenExpiry {
                    holder: holder.clone(),
                    number: *number,
                    expires_at: *expires_at,
                    days_left: *days_left,
                    at: *at,
                };
                return notify_expiry(ctx, record, &expiry, after.as_ref()).await;
            }
            Job::NotifyPayment(payment) => return notify_payment(ctx, record, payment).await,
            // The future of an erasure is large.
            Job::EraseAccounts { after } => {
                return self.run_erasure_step(record, after).boxed().await;
            }
            Job::SweepOrganization { client_id } => {
                // The sweep deletes the organization's Stripe ids, so its subscription ends first.
                billing::delete_customer(ctx, &self.clients.stripe, client_id).await?;
                organizations::sweep::sweep(ctx, client_id).await?
            }
            Job::EndOwnedKeys { user_id, at } => {
                organizations::end_owned_keys(ctx, user_id, *at).await?;
                Progress::Done
            }
            Job::SyncOwnerDeletion { user_id } => {
                organizations::sync_owner_deletion(ctx, user_id).await?;
                Progress::Done
            }
            Job::ResetTwoFactor { user_id, due_at } => {
                apply_two_factor_reset(ctx, user_id, *due_at).await?
            }
            Job::SyncBilling { client_id } => {
                billing::sync_billing(ctx, &self.clients.stripe, client_id).await?;
                Progress::Done
            }
            Job::SweepProject { project_id } => projects::sweep::sweep(ctx, project_id).await?,
            Job::CopyProject { project_id } => projects::copy::copy(ctx, project_id).await?,
            Job::CompleteUpload { artifact_id, actor, requester } => {
                complete_in_background(ctx, &self.blobs, artifact_id, actor, requester).await?;
                Progress::Done
            }
            Job::DeleteDeferredVersions { project_id } => {
                projects::deferred_deletions::delete_deferred(ctx, project_id).await?
            }
            Job::ReleaseHeldMail => {
                let (mailer, dead_letters) = (&self.clients.mailer, &self.clients.dead_letters);
                let more = mail::release_held(ctx, mailer, dead_letters).await?;
                if more { Progress::More } else { Progress::Done }
            }
            Job::AuditLedgers => self.run_audit_step().boxed().await?,
            Job::CompareWithStripe(comparison) => {
                return self.continue_comparison(record, comparison).boxed().await;
            }
            Job::RemoveBlobs { objects } => {
                let removing = objects.iter().map(|object| self.blobs.remove(object));
                try_join_all(removing).await?;
                Progress::Done
            }
        };
        complete_step(ctx, record, progress).await
    }
}

/// Returns whether the job notifies people, who expect the message soon.
fn is_notification(job: &Job) -> bool {
    match job {
        Job::NotifyRun { .. }
        | Job::NotifyUsage { .. }
        | Job::NotifyOrganizationDeleted { .. }
        | Job::NotifyExpiry { .. }
        | Job::NotifyPayment(_) => true,
        Job::SweepOrganization { .. }
        | Job::SweepProject { .. }
        | Job::EndOwnedKeys { .. }
        | Job::SyncBilling { .. }
        | Job::SyncOwnerDeletion { .. }
        | Job::ResetTwoFactor { .. }
        | Job::CopyProject { .. }
        | Job::CompleteUpload { .. }
        | Job::ReleaseHeldMail
        | Job::DeleteDeferredVersions { .. }
        | Job::RemoveBlobs { .. }
        | Job::EraseAccounts { .. }
        | Job::AuditLedgers
        | Job::CompareWithStripe(_) => false,
    }
}

/// Returns whether a failed step is tried again by the queue, and not only by the hourly run.
fn is_retried_soon(job: &Job) -> bool {
    is_notification(job) || is_upload(job) || matches!(job, Job::ReleaseHeldMail)
}

/// Returns whether a step may take longer than what is left of a scheduled run.
fn has_long_steps(job: &Job) -> bool {
    is_upload(job) || matches!(job, Job::AuditLedgers | Job::CompareWithStripe(_))
}

/// Returns whether the job completes an upload, for which a client waits.
fn is_upload(job: &Job) -> bool {
    matches!(job, Job::CompleteUpload { .. })
}

//! Doing what outlasts the requests that called for it.

use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use shared::dynamo::Record;
use shared::error::{Error, Result};
use shared::notices::tell_of_usage::QuotaUsed;
use shared::notices::{tell, tell_of_payment, tell_of_usage};
use shared::work::{Job, Left, Work, note, waiting};
use shared::{billing, organizations, projects};

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

/// How long a part may take, while others wait behind it: many times what it takes.
const PATIENCE: Duration = Duration::from_secs(15);

impl Worker {
    /// Does a part of each of these, and returns the numbers of the records to try again: of what somebody
    /// waits for as for a mail. Another that fails is logged and left to the hourly run: tried again by the
    /// stream it would hold up what is behind it.
    pub(crate) async fn do_parts(
        &self,
        works: impl Iterator<Item = (Work, Option<String>)>,
    ) -> Vec<Option<String>> {
        let parts = works.map(async |(work, sequence_number)| {
            let done = self.do_part_in_time(&work, sequence_number.as_deref()).await.is_ok();
            (!done && is_awaited(&work.job)).then_some(sequence_number)
        });
        join_all(parts).await.into_iter().flatten().collect()
    }

    /// Does a part of all that was called for and isn't done; the stream does the others. One that fails
    /// holds up no other, and is the error at the end.
    pub(crate) async fn do_what_is_left(&self) -> Result<()> {
        let left = waiting(&self.ctx).await?;
        let (waiting, more) = (left.items.len(), left.more);
        let part = async |work: Work| self.do_part_in_time(&work, None).await;
        let results = in_time(left.items, BEGIN_WITHIN, part).await;
        let left = waiting - results.len();
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        tracing::info!(waiting, failed = errors.len(), left, more, "jobs that aren't done");
        errors.pop().map_or(Ok(()), Err)
    }

    async fn do_part_in_time(&self, work: &Work, sequence_number: Option<&str>) -> Result<()> {
        let part = self.do_part(work, sequence_number);
        tokio::time::timeout(PATIENCE, part).await.unwrap_or_else(|_| {
            tracing::error!(job = work.job.name(), "a part of a job took too long");
            Err(Error::Unavailable("a part of a job took too long".into()))
        })
    }

    async fn do_part(&self, work: &Work, sequence_number: Option<&str>) -> Result<()> {
        let result = self.part(work).await;
        if let Err(error) = &result {
            tracing::error!(cause = ?error, job = work.job.name(), "a part of a job was not done");
        }
        match result {
            // It never will be done, and nothing else waits for its end.
            Err(error) if error.is_unreadable() && is_awaited(&work.job) => {
                self.ways.dead_letters.put(&work.key(), sequence_number).await?;
                self.ctx.table.delete(&work.key()).await
            }
            result => result,
        }
    }

    async fn part(&self, work: &Work) -> Result<()> {
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
                // While what it is at Stripe is still known.
                billing::end(ctx, &self.ways.stripe, client_id).await?;
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

/// Whether people wait for it as they wait for a mail.
fn is_awaited(job: &Job) -> bool {
    match job {
        Job::TellOfRun { .. } | Job::TellOfUsage { .. } | Job::TellOfPayment(_) => true,
        Job::SweepClient { .. }
        | Job::SweepProject { .. }
        | Job::CopyProject { .. }
        | Job::DeleteLeftovers { .. }
        | Job::RemoveContents { .. } => false,
    }
}

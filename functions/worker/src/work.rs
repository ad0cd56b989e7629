//! Doing what outlasts the requests that called for it.

use std::time::Duration;

use futures_util::future::join_all;
use shared::clients;
use shared::error::{Error, Result};
use shared::projects;
use shared::work::{Job, Left, Work, note, waiting};

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

/// How long a part may take, while mail waits behind it: many times what it takes.
const PATIENCE: Duration = Duration::from_secs(15);

impl Worker {
    /// Does a part of each of these. One that fails is logged and left to the daily run: tried again by the
    /// stream it would hold up the mail behind it.
    pub(crate) async fn do_parts(&self, works: impl Iterator<Item = Work>) {
        let parts = works.map(async |work| {
            if tokio::time::timeout(PATIENCE, self.do_part(&work)).await.is_err() {
                tracing::error!(job = work.job.name(), "a part of a job took too long");
            }
        });
        join_all(parts).await;
    }

    /// Does a part of all that was called for and isn't done; the stream does the others. One that fails
    /// holds up no other, and is the error at the end.
    pub(crate) async fn do_what_is_left(&self) -> Result<()> {
        let left = waiting(&self.ctx).await?;
        let (waiting, more) = (left.items.len(), left.more);
        let part = async |work: Work| self.do_part(&work).await;
        let results = in_time(left.items, BEGIN_WITHIN, part).await;
        let left = waiting - results.len();
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        tracing::info!(waiting, failed = errors.len(), left, more, "jobs that aren't done");
        errors.pop().map_or(Ok(()), Err)
    }

    async fn do_part(&self, work: &Work) -> Result<()> {
        let result = self.part(work).await;
        if let Err(error) = &result {
            tracing::error!(cause = ?error, job = work.job.name(), "a part of a job was not done");
        }
        result
    }

    async fn part(&self, work: &Work) -> Result<()> {
        let ctx = &self.ctx;
        let left = match &work.job {
            Job::SweepClient { client_id } => clients::sweep::sweep(ctx, client_id).await?,
            Job::SweepProject { project_id } => projects::sweep::sweep(ctx, project_id).await?,
            Job::CopyProject { project_id } => projects::copy::copy(ctx, project_id).await?,
            Job::DeleteLeftovers { project_id } => {
                projects::leftovers::delete(ctx, project_id).await?
            }
            Job::RemoveContents { objects } => {
                for object in objects {
                    self.contents.remove(object).await?;
                }
                Left::Nothing
            }
        };
        note(ctx, work, left).await
    }
}

//! Sweeping what lies under deleted organizations.

use std::time::Duration;

use futures_util::future::join_all;
use shared::clients::sweep::{Sweep, sweep, waiting};
use shared::error::{Error, Result};

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

/// How long a part may take, while mail waits behind it: many times what it takes.
const PATIENCE: Duration = Duration::from_secs(15);

impl Worker {
    /// Sweeps a part of each of these organizations. One that fails is logged and left to the daily run:
    /// tried again by the stream it would hold up the mail behind it.
    pub(crate) async fn sweep_parts(&self, sweeps: impl Iterator<Item = Sweep>) {
        let parts = sweeps.map(async |sweep| {
            if tokio::time::timeout(PATIENCE, self.sweep(&sweep)).await.is_err() {
                tracing::error!(client = %sweep.client_id, "sweeping a client took too long");
            }
        });
        join_all(parts).await;
    }

    /// Sweeps a part of each organization that was deleted and isn't gone yet; the stream does the others.
    /// One that fails holds up no other, and is the error at the end.
    pub(crate) async fn sweep_left(&self) -> Result<()> {
        let left = waiting(&self.ctx).await?;
        let (waiting, more) = (left.items.len(), left.more);
        let sweep = async |sweep: Sweep| self.sweep(&sweep).await;
        let results = in_time(left.items, BEGIN_WITHIN, sweep).await;
        let left = waiting - results.len();
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        tracing::info!(waiting, failed = errors.len(), left, more, "clients that are being swept");
        errors.pop().map_or(Ok(()), Err)
    }

    async fn sweep(&self, part: &Sweep) -> Result<()> {
        let result = sweep(&self.ctx, part).await;
        if let Err(error) = &result {
            tracing::error!(cause = ?error, client = %part.client_id, "a client was not swept");
        }
        result
    }
}

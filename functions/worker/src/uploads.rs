//! Removing uploads that nothing came of.

use shared::artifacts::Upload;
use shared::artifacts::sweep_uploads::{due, sweep};
use shared::clock::Stopwatch;
use shared::error::Result;

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

impl Worker {
    /// Removes the uploads that are due. One that fails holds up no other, and is the error at the end.
    pub(crate) async fn remove_uploads(&self) -> Result<()> {
        let watch = Stopwatch::start();
        let (mut removed, mut errors) = (0, Vec::new());
        let remove = async |upload: Upload| {
            let result = sweep(&self.ctx, &self.contents, &upload).await;
            if let Err(error) = &result {
                tracing::error!(cause = ?error, upload = %upload.id, "an upload was not removed");
            }
            result
        };
        let more = loop {
            let due = due(&self.ctx).await?;
            let (waiting, within) = (due.items.len(), BEGIN_WITHIN.saturating_sub(watch.elapsed()));
            let results = in_time(due.items, within, remove).await;
            let is_late = results.len() < waiting;
            removed += results.iter().filter(|result| result.is_ok()).count();
            errors.extend(results.into_iter().filter_map(Result::err));
            // Those that failed would be looked at for ever.
            if is_late || !errors.is_empty() || !due.more {
                break due.more || is_late;
            }
        };
        tracing::info!(removed, failed = errors.len(), more, "uploads that nothing came of");
        errors.pop().map_or(Ok(()), Err)
    }
}

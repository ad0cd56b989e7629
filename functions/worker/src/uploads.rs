//! Removal of abandoned uploads.

use shared::artifacts::Upload;
use shared::artifacts::sweep_uploads::{list_due_uploads, sweep_upload};
use shared::clock::Stopwatch;
use shared::error::Result;

use crate::Worker;
use crate::concurrent::{START_TIMEOUT, run_within};

impl Worker {
    /// Removes uploads that were never completed.
    ///
    /// # Errors
    /// The last error of an upload. An upload that fails does not stop the others.
    pub(crate) async fn remove_abandoned_uploads(&self) -> Result<()> {
        let watch = Stopwatch::start();
        let (mut removed, mut errors) = (0, Vec::new());
        let remove = async |upload: Upload| {
            let result = sweep_upload(&self.ctx, &self.blobs, &upload).await;
            if let Err(error) = &result {
                tracing::error!(cause = ?error, upload = %upload.id, "an upload was not removed");
            }
            result
        };
        let more = loop {
            let due = list_due_uploads(&self.ctx).await?;
            let (total, time) = (due.items.len(), START_TIMEOUT.saturating_sub(watch.elapsed()));
            let results = run_within(due.items, time, remove).await;
            let is_late = results.len() < total;
            removed += results.iter().filter(|result| result.is_ok()).count();
            errors.extend(results.into_iter().filter_map(Result::err));
            // After an error the loop would read the failed uploads again and again.
            if is_late || !errors.is_empty() || !due.more {
                break due.more || is_late;
            }
        };
        tracing::info!(removed, failed = errors.len(), more, "abandoned uploads removed");
        errors.pop().map_or(Ok(()), Err)
    }
}

//! Removing uploads that nothing came of.

use shared::artifacts::Upload;
use shared::artifacts::sweep_uploads::{due, sweep};
use shared::error::{Error, Result};

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

impl Worker {
    /// Removes the uploads that are due. One that fails holds up no other, and is the error at the end.
    pub(crate) async fn remove_uploads(&self) -> Result<()> {
        let due = due(&self.ctx).await?;
        let (waiting, more) = (due.items.len(), due.more);
        let remove = async |upload: Upload| {
            let result = sweep(&self.ctx, &self.contents, &upload).await;
            if let Err(error) = &result {
                tracing::error!(cause = ?error, upload = %upload.id, "an upload was not removed");
            }
            result
        };
        let results = in_time(due.items, BEGIN_WITHIN, remove).await;
        let left = waiting - results.len();
        let mut errors: Vec<Error> = results.into_iter().filter_map(Result::err).collect();
        tracing::info!(waiting, failed = errors.len(), left, more, "uploads that nothing came of");
        errors.pop().map_or(Ok(()), Err)
    }
}

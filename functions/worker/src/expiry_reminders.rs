//! Warnings that tokens and API keys expire soon.

use shared::clock::Stopwatch;
use shared::error::Result;
use shared::tokens::expiry_reminder::{ExpiryReminder, list_due_reminders, process_reminder};

use crate::Worker;
use crate::concurrent::{START_TIMEOUT, run_within};

impl Worker {
    /// Enqueues the warnings that are due. The next run enqueues those for which there is no time.
    ///
    /// # Errors
    /// The last error of a reminder. A reminder that fails does not stop the others.
    pub(crate) async fn remind_of_expiry(&self) -> Result<()> {
        let watch = Stopwatch::start();
        let (mut processed, mut errors) = (0, Vec::new());
        let process = async |reminder: ExpiryReminder| {
            let result = process_reminder(&self.ctx, &reminder).await;
            if let Err(error) = &result {
                let (holder, number) = (&reminder.holder, reminder.number);
                tracing::error!(cause = ?error, %holder, number, "a reminder was not processed");
            }
            result
        };
        let more = loop {
            let due = list_due_reminders(&self.ctx).await?;
            let (total, time) = (due.items.len(), START_TIMEOUT.saturating_sub(watch.elapsed()));
            let results = run_within(due.items, time, process).await;
            let is_late = results.len() < total;
            processed += results.iter().filter(|result| result.is_ok()).count();
            errors.extend(results.into_iter().filter_map(Result::err));
            // After an error the loop would read the failed reminders again and again.
            if is_late || !errors.is_empty() || !due.more {
                break due.more || is_late;
            }
        };
        tracing::info!(processed, failed = errors.len(), more, "reminders of expiry processed");
        errors.pop().map_or(Ok(()), Err)
    }
}

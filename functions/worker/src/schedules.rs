//! The work of each schedule.

use shared::error::Result;

use crate::Worker;
use crate::event::Schedule;

impl Worker {
    /// Does the work of a schedule. Every task is idempotent, because Lambda retries after an error and a
    /// schedule may fire twice.
    ///
    /// # Errors
    /// The error of a task. Each task runs even if another fails.
    pub(crate) async fn run_schedule(&self, schedule: Schedule) -> Result<()> {
        match schedule {
            Schedule::Hourly => {
                let (drained, removed, reminded) = tokio::join!(
                    self.drain_jobs(),
                    self.remove_abandoned_uploads(),
                    self.remind_of_expiry(),
                );
                drained.and(removed).and(reminded)
            }
            Schedule::Daily => self.erase_due_accounts().await,
            Schedule::Billing => self.reconcile_billing().await,
        }
    }
}

//! What falls due by time alone.

use shared::error::Result;

use crate::Worker;
use crate::event::Schedule;

impl Worker {
    /// Does what is due by that schedule. Each thing can be done twice without harm: an error has Lambda
    /// invoke it again, and a schedule may fire twice. None holds up another.
    pub(crate) async fn keep(&self, schedule: Schedule) -> Result<()> {
        match schedule {
            Schedule::Hourly => {
                let (done, removed) = tokio::join!(self.do_what_is_left(), self.remove_uploads());
                done.and(removed)
            }
            Schedule::Daily => self.erase_due().await,
            Schedule::Books => self.keep_books().await,
        }
    }
}

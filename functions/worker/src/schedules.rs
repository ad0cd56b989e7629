//! What falls due by time alone.

use shared::error::Result;

use crate::Worker;
use crate::event::Schedule;

impl Worker {
    /// Does what is due by that schedule. Each thing can be done twice without harm: an error has Lambda
    /// invoke it again, and a schedule may fire twice. None holds up another.
    pub(crate) async fn keep(&self, schedule: Schedule) -> Result<()> {
        match schedule {
            Schedule::Hourly => self.do_what_is_left().await,
            Schedule::Daily => {
                let (erased, removed) = tokio::join!(self.erase_due(), self.remove_uploads());
                erased.and(removed)
            }
        }
    }
}

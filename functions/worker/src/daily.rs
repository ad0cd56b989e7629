//! What falls due by time alone, done once a day.

use shared::error::Result;

use crate::Worker;

impl Worker {
    /// Does what is due, and what the stream's events left undone. Each job can be done twice without harm:
    /// an error has Lambda invoke it again, and a schedule may fire twice. None holds up another.
    pub(crate) async fn daily(&self) -> Result<()> {
        let (erased, done, removed) =
            tokio::join!(self.erase_due(), self.do_what_is_left(), self.remove_uploads());
        erased.and(done).and(removed)
    }
}

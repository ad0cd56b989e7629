//! What falls due by time alone, done once a day.

use shared::error::Result;

use crate::Worker;

impl Worker {
    /// Does what is due. Each job can be done twice without harm: an error has Lambda invoke it again,
    /// and a schedule may fire twice.
    pub(crate) async fn daily(&self) -> Result<()> {
        self.erase_due().await
    }
}

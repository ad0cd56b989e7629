//! Events of users that the logs of their organizations show as well.

use futures_util::future::join_all;
use shared::activity::{AuditEvent, copy_to_organizations};

use crate::Worker;

impl Worker {
    /// Copies events into the logs of the organizations. Returns the sequence numbers of the records to retry.
    pub(crate) async fn copy_events(
        &self,
        events: Vec<(AuditEvent, Option<String>)>,
    ) -> Vec<Option<String>> {
        let copies = events.into_iter().map(async |(event, sequence_number)| {
            let result = copy_to_organizations(&self.ctx, &event).await;
            if let Err(error) = &result {
                tracing::error!(cause = ?error, action = ?event.action, "an event was not copied");
            }
            result.is_err().then_some(sequence_number)
        });
        join_all(copies).await.into_iter().flatten().collect()
    }
}

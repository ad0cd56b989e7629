//! Copies users' security events into their organizations' logs.

use std::time::Duration;

use shared::activity::{AuditEvent, copy_to_organizations};
use shared::dead_letters::DeadLetterReason;
use shared::error::{Error, Result};

use crate::Worker;
use crate::message::WorkerMessage;

/// Longest duration of copying one event, many times the usual one.
const COPY_TIMEOUT: Duration = Duration::from_secs(5);

impl Worker {
    /// Copies the event of a message. `event` is `None` if it cannot be decoded. Such an event, or one whose
    /// memberships cannot be decoded, goes to the dead-letter queue.
    ///
    /// # Errors
    /// The error of a copy that must be retried.
    pub(crate) async fn copy_event(
        &self,
        message: &WorkerMessage,
        event: Option<&AuditEvent>,
    ) -> Result<()> {
        let Some(event) = event else { return self.give_up_event(message).await };
        let copy = copy_to_organizations(&self.ctx, event);
        let result = match tokio::time::timeout(COPY_TIMEOUT, copy).await {
            Ok(Err(error)) if error.is_unreadable() => return self.give_up_event(message).await,
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable("copying an event timed out".into())),
        };
        if let Err(error) = &result {
            let sequence_number = message.sequence_number.as_deref();
            tracing::error!(cause = ?error, sequence_number, "an event was not copied");
        }
        result
    }

    async fn give_up_event(&self, message: &WorkerMessage) -> Result<()> {
        let (key, sequence_number) = (message.key(), message.sequence_number.as_deref());
        tracing::error!(sequence_number, "an event was given up");
        self.clients.dead_letters.put(&key, sequence_number, DeadLetterReason::Unreadable).await
    }
}

//! Copies users' security events into their organizations' logs.

use std::time::Duration;

use shared::activity::{AuditEvent, copy_to_organizations};
use shared::dead_letters::DeadLetterReason;
use shared::dynamo::Key;
use shared::error::{Error, Result};

use crate::Worker;

/// Longest duration of copying one event, many times the usual one. Ten events, the most in a batch, take less than the
/// function's timeout.
const COPY_TIMEOUT: Duration = Duration::from_secs(5);

/// An event of a user's log, with the stream record that reported it.
pub(crate) struct MemberEvent {
    pub(crate) key: Key,
    /// The event, or `None` if the row cannot be decoded.
    pub(crate) event: Option<AuditEvent>,
    pub(crate) sequence_number: Option<String>,
}

impl Worker {
    /// Copies the events of one user, one after the other because they check the same memberships. Returns the sequence
    /// numbers of the records to retry. An event that cannot be decoded, or whose memberships cannot, goes to the
    /// dead-letter queue.
    pub(crate) async fn copy_events(&self, events: Vec<MemberEvent>) -> Vec<Option<String>> {
        let mut failed = Vec::new();
        for event in events {
            if let Err(error) = self.copy_event(&event).await {
                let sequence_number = event.sequence_number;
                tracing::error!(cause = ?error, sequence_number, "an event was not copied");
                failed.push(sequence_number);
            }
        }
        failed
    }

    async fn copy_event(&self, event: &MemberEvent) -> Result<()> {
        let Some(content) = &event.event else { return self.give_up_event(event).await };
        let copy = copy_to_organizations(&self.ctx, content);
        match tokio::time::timeout(COPY_TIMEOUT, copy).await {
            Ok(Err(error)) if error.is_unreadable() => self.give_up_event(event).await,
            Ok(result) => result,
            Err(_) => Err(Error::Unavailable("copying an event timed out".into())),
        }
    }

    async fn give_up_event(&self, event: &MemberEvent) -> Result<()> {
        let (key, sequence_number) = (&event.key, event.sequence_number.as_deref());
        tracing::error!(sequence_number, "an event was given up");
        self.clients.dead_letters.put(key, sequence_number, DeadLetterReason::Unreadable).await
    }
}

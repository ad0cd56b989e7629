//! Delivery of the mail and Slack messages in the outbox.

use std::time::Duration;

use shared::dead_letters::DeadLetterReason;
use shared::dynamo::Key;
use shared::error::{Error, Result};
use shared::{keys, mail, slack};

use crate::Worker;
use crate::message::WorkerMessage;

/// Time during which a failing Slack message is retried. Later messages to the same person wait meanwhile.
const SLACK_RETRY_PERIOD: Duration = Duration::from_secs(60);

impl Worker {
    /// Delivers the row of a message. A row that is given up goes to the dead-letter queue.
    ///
    /// # Errors
    /// The error of a delivery that must be retried.
    pub(crate) async fn deliver_row(&self, message: &WorkerMessage) -> Result<()> {
        let key = message.key();
        let Err(error) = self.deliver(&key).await else { return Ok(()) };
        let sequence_number = message.sequence_number.as_deref();
        if let Some(reason) = self.reason_to_give_up(&key, &error) {
            // The row stays until its TTL, so that an engineer can look at it.
            tracing::error!(cause = ?error, sequence_number, ?reason, "a delivery was given up");
            return self.clients.dead_letters.put(&key, sequence_number, reason).await;
        }
        tracing::error!(cause = ?error, sequence_number, "a delivery failed");
        Err(error)
    }

    async fn deliver(&self, key: &Key) -> Result<()> {
        if key.pk.starts_with(keys::QUEUED_SLACK_MESSAGES) {
            slack::deliver(&self.ctx, &self.clients.slack, key).await
        } else if mail::hold_if_switched_off(&self.ctx, key).await? {
            Ok(())
        } else {
            mail::deliver(&self.ctx, &self.clients.mailer, key).await
        }
    }

    fn reason_to_give_up(&self, row: &Key, error: &Error) -> Option<DeadLetterReason> {
        let is_overdue = || {
            let is_slack = row.pk.starts_with(keys::QUEUED_SLACK_MESSAGES);
            let queued_at = keys::queued_at(row).filter(|_| is_slack);
            queued_at.is_some_and(|queued_at| self.ctx.now() >= queued_at.plus(SLACK_RETRY_PERIOD))
        };
        if error.is_unreadable() {
            Some(DeadLetterReason::Unreadable)
        } else {
            is_overdue().then_some(DeadLetterReason::Overdue)
        }
    }
}

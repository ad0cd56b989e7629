//! Delivery of the mail and Slack messages in the outbox.

use std::time::Duration;

use shared::dead_letters::DeadLetterReason;
use shared::dynamo::Key;
use shared::error::{Error, Result};
use shared::{keys, mail, slack};

use crate::Worker;

/// Time during which a failing Slack message is retried. Mail and jobs of the same queue wait meanwhile.
const SLACK_RETRY_PERIOD: Duration = Duration::from_secs(60);

/// An outbox row to deliver, with the stream record that reported it.
pub(crate) struct Delivery {
    pub(crate) key: Key,
    pub(crate) sequence_number: Option<String>,
}

impl Worker {
    /// Delivers the rows of one partition in order. Returns the sequence numbers of the records to retry:
    /// the first that fails and all behind it, so that no message overtakes another.
    pub(crate) async fn deliver_in_order(&self, deliveries: Vec<Delivery>) -> Vec<Option<String>> {
        let mut deliveries = deliveries.into_iter();
        for delivery in deliveries.by_ref() {
            let delivered = match self.deliver(&delivery.key).await {
                Err(error) => match self.reason_to_give_up(&delivery.key, &error) {
                    Some(reason) => self.give_up(&delivery, reason, &error).await,
                    None => Err(error),
                },
                Ok(()) => Ok(()),
            };
            if let Err(error) = delivered {
                let sequence_number = delivery.sequence_number;
                tracing::error!(cause = ?error, sequence_number, "a delivery failed");
                let behind = deliveries.map(|delivery| delivery.sequence_number);
                return std::iter::once(sequence_number).chain(behind).collect();
            }
        }
        Vec::new()
    }

    async fn deliver(&self, key: &Key) -> Result<()> {
        if key.pk.starts_with(keys::QUEUED_SLACK_MESSAGES) {
            slack::deliver(&self.ctx, &self.clients.slack, key).await
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

    /// Sends a row to the dead-letter queue. The row stays until its TTL, so that an engineer can look at it.
    async fn give_up(
        &self,
        delivery: &Delivery,
        reason: DeadLetterReason,
        error: &Error,
    ) -> Result<()> {
        let sequence_number = delivery.sequence_number.as_deref();
        tracing::error!(cause = ?error, sequence_number, ?reason, "a delivery was given up");
        self.clients.dead_letters.put(&delivery.key, sequence_number, reason).await
    }
}

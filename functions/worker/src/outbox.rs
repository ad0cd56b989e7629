//! Sending what waits in the table.

use shared::dynamo::Key;
use shared::error::{Error, Result};
use shared::{keys, mail, slack};

use crate::Worker;

/// What waits to be sent, and the record that tells of it.
pub(crate) struct Waiting {
    pub(crate) key: Key,
    pub(crate) sequence_number: Option<String>,
}

impl Worker {
    /// Sends what waits in one partition, in order, and returns the numbers of the records to try again:
    /// from the first on that fails, so that nothing overtakes it.
    pub(crate) async fn send(&self, waiting: Vec<Waiting>) -> Vec<Option<String>> {
        let mut waiting = waiting.into_iter();
        for one in waiting.by_ref() {
            let sent = match self.deliver(&one.key).await {
                Err(error) if error.is_unreadable() => self.give_up(&one, &error).await,
                result => result,
            };
            if let Err(error) = sent {
                let sequence_number = one.sequence_number;
                tracing::error!(cause = ?error, sequence_number, "a record failed");
                let behind = waiting.map(|one| one.sequence_number);
                return std::iter::once(sequence_number).chain(behind).collect();
            }
        }
        Vec::new()
    }

    async fn deliver(&self, key: &Key) -> Result<()> {
        if key.pk.starts_with(keys::SLACK) {
            slack::deliver(&self.ctx, &self.ways.slack, key).await
        } else {
            mail::deliver(&self.ctx, &self.ways.mailer, key).await
        }
    }

    /// The row stays, until its time is over, for whoever looks into the dead letters.
    async fn give_up(&self, one: &Waiting, error: &Error) -> Result<()> {
        let sequence_number = one.sequence_number.as_deref();
        tracing::error!(cause = ?error, sequence_number, "a record can't be read and is given up");
        self.ways.dead_letters.put(&one.key, sequence_number).await
    }
}

//! Keeping the books: what Stripe told and nobody heard, and whether everything adds up.

use shared::billing::audit::{check, check_payments, moved};
use shared::billing::missed::{make_up, missed};
use shared::error::{Error, Result};
use shared::ids::ClientId;

use crate::Worker;
use crate::in_time::{BEGIN_WITHIN, in_time};

impl Worker {
    /// Makes up for events that nobody heard, one after the other as they happened; then adds up the ledgers
    /// that were written to, and looks for each payment in them. Without an account at Stripe, only what is
    /// here.
    pub(crate) async fn keep_books(&self) -> Result<()> {
        let mut errors = Vec::new();
        match self.hear().await {
            Ok(()) | Err(Error::BillingNotConfigured) => {}
            Err(error) => errors.push(error),
        }
        match check_payments(&self.ctx, &self.ways.stripe).await {
            Ok(wrong) => tracing::info!(wrong, "payments were looked for in the ledgers"),
            Err(Error::BillingNotConfigured) => {}
            Err(error) => errors.push(error),
        }
        match self.add_up().await {
            Ok(()) => {}
            Err(error) => errors.push(error),
        }
        errors.pop().map_or(Ok(()), Err)
    }

    /// Hears what wasn't heard. What fails holds up nothing else: the next run tries it again.
    async fn hear(&self) -> Result<()> {
        let events = missed(&self.ctx, &self.ways.stripe).await?;
        let (waiting, mut heard, mut last) = (events.len(), 0, None);
        for event in events {
            match make_up(&self.ctx, &self.ways.stripe, &event).await {
                Ok(()) => heard += 1,
                Err(error) => {
                    tracing::error!(cause = ?error, event = event.id, "an event was not handled");
                    last = Some(error);
                }
            }
        }
        if waiting > 0 {
            tracing::warn!(audit = "events", waiting, heard, "events that nobody had heard");
        }
        last.map_or(Ok(()), Err)
    }

    async fn add_up(&self) -> Result<()> {
        let moved = moved(&self.ctx).await?;
        let (waiting, more) = (moved.items.len(), moved.more);
        let check = async |client: ClientId| check(&self.ctx, &client).await;
        let results = in_time(moved.items, BEGIN_WITHIN, check).await;
        let left = waiting - results.len();
        let (mut right, mut wrong, mut last) = (0, 0, None);
        for result in results {
            match result {
                Ok(true) => right += 1,
                Ok(false) => wrong += 1,
                Err(error) => last = Some(error),
            }
        }
        tracing::info!(right, wrong, left, more, "ledgers were added up");
        last.map_or(Ok(()), Err)
    }
}

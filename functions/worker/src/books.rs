//! Keeping the books: what Stripe told and nobody heard, and whether everything adds up.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::billing::audit::{check, check_payments, moved};
use shared::billing::missed::{make_up, missed};
use shared::error::{Error, Result};
use shared::ids::OrganizationId;

use crate::Worker;
use crate::in_time::in_time;

/// No ledger is begun with later: of the sixty seconds that there are.
const ADD_WITHIN: Duration = Duration::from_secs(20);

/// No event is begun with later than so long after that.
const HEAR_WITHIN: Duration = Duration::from_secs(20);

impl Worker {
    /// Adds up the ledgers that were written to; makes up for events that nobody heard, and then looks for each
    /// payment in the ledgers. Without an account at Stripe, only what is
    /// here.
    pub(crate) async fn keep_books(&self) -> Result<()> {
        let added_up = self.add_up().await;
        let heard = self.hear().await;
        let looked = check_payments(&self.ctx, &self.ways.stripe).await;
        let looked = looked.map(|wrong| tracing::info!(wrong, "payments were looked for"));
        let mut errors: Vec<Error> = [added_up, heard, looked]
            .into_iter()
            .filter_map(Result::err)
            .filter(|error| !matches!(error, Error::BillingNotConfigured))
            .collect();
        errors.pop().map_or(Ok(()), Err)
    }

    /// Hears what wasn't heard. What fails holds up nothing else: the next run tries it again.
    async fn hear(&self) -> Result<()> {
        let events = missed(&self.ctx, &self.ways.stripe).await?;
        let (waiting, mut heard, mut last) = (events.len(), 0, None);
        // One after the other, as they happened; what there is no time for is left for the next run.
        let begin = stream::iter(events).take_until(tokio::time::sleep(HEAR_WITHIN));
        let mut begin = std::pin::pin!(begin);
        while let Some(event) = begin.next().await {
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
        let check = async |organization: OrganizationId| check(&self.ctx, &organization).await;
        let results = in_time(moved.items, ADD_WITHIN, check).await;
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

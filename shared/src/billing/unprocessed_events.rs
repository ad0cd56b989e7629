//! Finds Stripe events whose webhook was never processed, and processes them.

use std::time::Duration;

use super::webhooks::{EVENT_TYPES, process_event, processed_events};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::Stripe;
use crate::stripe::events::StripeEvent;

/// How far back events are listed: as long as Stripe itself retries a webhook.
/// <https://docs.stripe.com/webhooks#retries>
const LOOKBACK: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The maximum number of pages of a hundred events in the daily run. A day brings far fewer.
const MAX_PAGES: usize = 100;

/// Lists the unprocessed events of the last three days, oldest first. Each page of a hundred events costs one call of
/// Stripe and one read.
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe; `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn list_unprocessed_events(ctx: &Context, stripe: &Stripe) -> Result<Vec<StripeEvent>> {
    list_unprocessed_events_since(ctx, stripe, ctx.now().minus(LOOKBACK), MAX_PAGES).await
}

/// Lists the unprocessed events since a time, oldest first, on the `max_pages` latest pages of a hundred. Stripe keeps
/// events for 30 days.
///
/// # Errors
/// Those of [`list_unprocessed_events`].
pub async fn list_unprocessed_events_since(
    ctx: &Context,
    stripe: &Stripe,
    since: Timestamp,
    max_pages: usize,
) -> Result<Vec<StripeEvent>> {
    let (mut unprocessed, mut after): (Vec<StripeEvent>, Option<String>) = (Vec::new(), None);
    for _ in 0..max_pages {
        let page = stripe.list_events(ctx, &EVENT_TYPES, since, after.as_deref()).await?;
        after = page.data.last().map(|event| event.id.clone());
        let processed = processed_events(ctx, &page.data).await?;
        unprocessed.extend(page.data.into_iter().filter(|event| !processed.contains(&event.id)));
        if !page.has_more || after.is_none() {
            unprocessed.reverse();
            return Ok(unprocessed);
        }
    }
    tracing::error!("Stripe has more events than one run lists");
    unprocessed.reverse();
    Ok(unprocessed)
}

/// Processes an event that the webhook missed.
///
/// # Errors
/// Those of [`process_event`].
pub async fn reprocess_event(ctx: &Context, stripe: &Stripe, event: &StripeEvent) -> Result<()> {
    process_event(ctx, stripe, &Requester::service(), event).await
}

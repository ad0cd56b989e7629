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

/// Events of Stripe that were not processed.
#[derive(Debug)]
pub struct UnprocessedEvents {
    /// The events, oldest first.
    pub events: Vec<StripeEvent>,
    /// Whether there are older events that were not looked at.
    pub more: bool,
}

/// Lists the unprocessed events of the last three days, oldest first. Each page of a hundred events costs one call of
/// Stripe and one read.
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe; `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn list_unprocessed_events(ctx: &Context, stripe: &Stripe) -> Result<Vec<StripeEvent>> {
    let since = ctx.now().minus(LOOKBACK);
    let unprocessed = list_unprocessed_events_since(ctx, stripe, since, MAX_PAGES).await?;
    if unprocessed.more {
        tracing::error!("Stripe has more events than one run lists");
    }
    Ok(unprocessed.events)
}

/// Lists the unprocessed events since a time, on the `max_pages` latest pages of a hundred. Stripe keeps
/// events for 30 days.
///
/// # Errors
/// Those of [`list_unprocessed_events`].
pub async fn list_unprocessed_events_since(
    ctx: &Context,
    stripe: &Stripe,
    since: Timestamp,
    max_pages: usize,
) -> Result<UnprocessedEvents> {
    let (mut events, mut after): (Vec<StripeEvent>, Option<String>) = (Vec::new(), None);
    let mut more = true;
    for _ in 0..max_pages {
        let page = stripe.list_events(ctx, &EVENT_TYPES, since, after.as_deref()).await?;
        after = page.data.last().map(|event| event.id.clone());
        let processed = processed_events(ctx, &page.data).await?;
        events.extend(page.data.into_iter().filter(|event| !processed.contains(&event.id)));
        more = page.has_more && after.is_some();
        if !more {
            break;
        }
    }
    events.reverse();
    Ok(UnprocessedEvents { events, more })
}

/// Processes an event that the webhook missed.
///
/// # Errors
/// Those of [`process_event`].
pub async fn reprocess_event(ctx: &Context, stripe: &Stripe, event: &StripeEvent) -> Result<()> {
    process_event(ctx, stripe, &Requester::service(), event).await
}

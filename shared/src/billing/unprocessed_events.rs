//! Finds Stripe events whose webhook was never processed, and processes them.

use super::stripe_comparison::{MAX_PAGES_PER_STEP, StripeComparison};
use super::webhooks::{EVENT_TYPES, process_event, processed_events};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::Stripe;
use crate::stripe::events::StripeEvent;

/// Events of Stripe that were not processed.
#[derive(Debug)]
pub struct UnprocessedEvents {
    /// The events, oldest first.
    pub events: Vec<StripeEvent>,
    /// The last event that was looked at, if the list has older ones.
    pub next: Option<String>,
}

/// Lists the unprocessed events of the pages of one step, oldest first. Each page of a hundred events costs one call of
/// Stripe and one read. Stripe keeps events for 30 days.
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe; `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn list_unprocessed_events(
    ctx: &Context,
    stripe: &Stripe,
    comparison: &StripeComparison,
) -> Result<UnprocessedEvents> {
    let (mut events, mut next): (Vec<StripeEvent>, _) = (Vec::new(), comparison.after.clone());
    for _ in 0..MAX_PAGES_PER_STEP {
        let page = stripe.list_events(ctx, &EVENT_TYPES, comparison.since, next.as_deref()).await?;
        next = page.data.last().map(|event| event.id.clone()).filter(|_| page.has_more);
        let processed = processed_events(ctx, &page.data).await?;
        events.extend(page.data.into_iter().filter(|event| !processed.contains(&event.id)));
        if next.is_none() {
            break;
        }
    }
    events.reverse();
    Ok(UnprocessedEvents { events, next })
}

/// Processes an event that no webhook brought.
///
/// # Errors
/// Those of [`process_event`].
pub async fn reprocess_event(ctx: &Context, stripe: &Stripe, event: &StripeEvent) -> Result<()> {
    process_event(ctx, stripe, &Requester::service(), event).await
}

//! Events of Stripe's that nobody heard.

use std::time::Duration;

use super::events::{KINDS, handle, handled};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::Stripe;
use crate::stripe::events::Event;

/// How far back events are asked for: as long as Stripe itself goes on sending one.
/// <https://docs.stripe.com/webhooks#retries>
const BACK: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Pages of a hundred events that are asked for at most: far more than a day brings.
const MOST_PAGES: usize = 100;

/// The events of the last days that weren't handled, the oldest first. Whoever has many customers has many
/// events: each page of them costs one call to Stripe and one read.
pub async fn missed(ctx: &Context, stripe: &Stripe) -> Result<Vec<Event>> {
    let since: Timestamp = ctx.now().minus(BACK);
    let (mut missed, mut after): (Vec<Event>, Option<String>) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = stripe.events(ctx, &KINDS, since, after.as_deref()).await?;
        after = page.data.last().map(|event| event.id.clone());
        let known = handled(ctx, &page.data).await?;
        missed.extend(page.data.into_iter().filter(|event| !known.contains(&event.id)));
        if !page.has_more || after.is_none() {
            missed.reverse();
            return Ok(missed);
        }
    }
    tracing::error!("there are more events at Stripe than can be asked for");
    missed.reverse();
    Ok(missed)
}

/// Does what follows from one of them.
pub async fn make_up(ctx: &Context, stripe: &Stripe, event: &Event) -> Result<()> {
    handle(ctx, stripe, &Requester::service(), event).await
}

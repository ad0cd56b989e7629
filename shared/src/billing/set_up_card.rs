//! Sending somebody to Stripe to leave a card.

use super::checkout::Departure;
use super::destination::Destination;
use super::hosted_page::{Begin, HostedPageRequest};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Replayable;
use crate::stripe::Stripe;
use crate::stripe::checkout::Visit;

/// A page to leave a card on. Errors as of [`super::checkout::checkout`].
pub async fn set_up_card(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    success: &Destination,
    cancel: &Destination,
) -> Result<Replayable<Departure>> {
    let (customer, key) = match request.begin(ctx, stripe).await? {
        Begin::Replayed(done) => return Ok(done),
        Begin::New { customer, key } => (customer, key),
    };
    let visit = Visit::of(request.organization_id, &customer, success, cancel);
    let session = stripe.set_up(ctx, &format!("setup-{key}"), visit).await?;
    request.finish(ctx, Departure::to(&session)?).await
}

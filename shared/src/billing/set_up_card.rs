//! Sending somebody to Stripe to leave a card.

use super::checkout::Departure;
use super::destination::Destination;
use super::errand::{Begun, Errand};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Done;
use crate::stripe::Stripe;
use crate::stripe::checkout::Visit;

/// A page to leave a card on. Errors as of [`super::checkout::checkout`].
pub async fn set_up_card(
    ctx: &Context,
    stripe: &Stripe,
    errand: Errand<'_>,
    success: &Destination,
    cancel: &Destination,
) -> Result<Done<Departure>> {
    let (customer, key) = match errand.begin(ctx, stripe).await? {
        Begun::Before(done) => return Ok(done),
        Begun::At { customer, key } => (customer, key),
    };
    let visit = Visit::of(errand.organization_id, &customer, success, cancel);
    let session = stripe.set_up(ctx, &format!("setup-{key}"), visit).await?;
    errand.finish(ctx, Departure::to(&session)?).await
}

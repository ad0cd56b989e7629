//! Creates a page at Stripe for adding a card.

use super::checkout::Departure;
use super::destination::Destination;
use super::hosted_page::{Begin, HostedPageRequest};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Replayable;
use crate::stripe::Stripe;
use crate::stripe::checkout::Visit;

/// Creates a page on which the owner adds a card.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `BillingNotConfigured` if the deployment has no account at Stripe.
/// - `Unavailable` if Stripe or the table cannot be reached.
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

//! Sending somebody to Stripe to buy credits.

use super::checkout::Departure;
use super::destination::Destination;
use super::hosted_page::{Begin, HostedPageRequest};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::stripe::Stripe;
use crate::stripe::checkout::Visit;

/// Fewest credits that can be bought at once.
pub const FEWEST: u32 = 500;

/// Most credits that can be bought at once.
pub const MOST: u32 = 1_000_000;

/// Parameters for buying credits.
#[derive(Clone, Debug)]
pub struct TopUpParams {
    /// The number of whole credits.
    pub credits: u32,
    /// The redirect URL after payment.
    pub success: Destination,
    /// The redirect URL after cancellation.
    pub cancel: Destination,
}

impl TopUpParams {
    /// How many credits a request may ask for: [`Error::InvalidField`] otherwise.
    pub fn credits(number: i64) -> Result<u32> {
        let credits = u32::try_from(number).ok().filter(|n| (FEWEST..=MOST).contains(n));
        credits.ok_or_else(|| {
            Error::invalid_field("credits", format!("must be between {FEWEST} and {MOST}"))
        })
    }
}

/// A page to buy credits on. Errors as of [`super::checkout::checkout`].
pub async fn top_up(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    params: &TopUpParams,
) -> Result<Replayable<Departure>> {
    let (customer, key) = match request.begin(ctx, stripe).await? {
        Begin::Replayed(done) => return Ok(done),
        Begin::New { customer, key } => (customer, key),
    };
    let visit = Visit::of(request.organization_id, &customer, &params.success, &params.cancel);
    let session = stripe.buy(ctx, &format!("topup-{key}"), visit, params.credits).await?;
    request.finish(ctx, Departure::to(&session)?).await
}

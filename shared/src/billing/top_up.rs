//! Sending somebody to Stripe to buy credits.

use super::checkout::Departure;
use super::destination::Destination;
use super::errand::{Begun, Errand};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::idempotency::Done;
use crate::stripe::Stripe;
use crate::stripe::checkout::Visit;

/// Fewest credits that can be bought at once.
pub const FEWEST: u32 = 500;

/// Most credits that can be bought at once.
pub const MOST: u32 = 1_000_000;

/// How many credits somebody wants to buy.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Whole ones.
    pub credits: u32,
    /// Where they come to who are done.
    pub success: Destination,
    /// Where they come to who turn back.
    pub cancel: Destination,
}

impl Wish {
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
    errand: Errand<'_>,
    wish: &Wish,
) -> Result<Done<Departure>> {
    let (customer, key) = match errand.begin(ctx, stripe).await? {
        Begun::Before(done) => return Ok(done),
        Begun::At { customer, key } => (customer, key),
    };
    let visit = Visit::of(errand.organization_id, &customer, &wish.success, &wish.cancel);
    let session = stripe.buy(ctx, &format!("topup-{key}"), visit, wish.credits).await?;
    errand.finish(ctx, Departure::to(&session)?).await
}

//! Sending somebody to Stripe to manage plan, cards and invoices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::destination::Destination;
use super::errand::{Begun, Errand};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Done;
use crate::stripe::Stripe;

/// A page at Stripe to go to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PortalSession)]
pub struct Portal {
    /// Where it is: for a few minutes, and for whoever has it.
    #[schema(example = "https://billing.stripe.com/p/session/test_a1b2c3")]
    url: String,
}

/// A page to manage plan, cards and invoices on. Errors as of [`super::checkout::checkout`].
pub async fn portal(
    ctx: &Context,
    stripe: &Stripe,
    errand: Errand<'_>,
    back: &Destination,
) -> Result<Done<Portal>> {
    let (customer, key) = match errand.begin(ctx, stripe).await? {
        Begun::Before(done) => return Ok(done),
        Begun::At { customer, key } => (customer, format!("portal-{key}")),
    };
    let made = stripe.portal(ctx, &key, customer.as_str(), back.as_str()).await?;
    errand.finish(ctx, Portal { url: made.url }).await
}

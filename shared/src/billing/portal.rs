//! Sending somebody to Stripe to manage plan, cards and invoices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::destination::Destination;
use super::hosted_page::{Begin, HostedPageRequest};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Replayable;
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
    request: HostedPageRequest<'_>,
    back: &Destination,
) -> Result<Replayable<Portal>> {
    let (customer, key) = match request.begin(ctx, stripe).await? {
        Begin::Replayed(done) => return Ok(done),
        Begin::New { customer, key } => (customer, format!("portal-{key}")),
    };
    let made = stripe.portal(ctx, &key, customer.as_str(), back.as_str()).await?;
    request.finish(ctx, Portal { url: made.url }).await
}

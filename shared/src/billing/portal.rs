//! Creates a page of Stripe's customer portal.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::destination::Destination;
use super::hosted_page::{Begin, HostedPageRequest};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Replayable;
use crate::stripe::Stripe;

/// A page of Stripe's customer portal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PortalSession)]
pub struct Portal {
    /// URL of the page. Works for a few minutes, for anyone who has it.
    #[schema(example = "https://billing.stripe.com/p/session/test_a1b2c3")]
    url: String,
}

/// Creates a page on which the owner manages the plan, cards and invoices.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `BillingNotConfigured` if the deployment has no account at Stripe.
/// - `Unavailable` if Stripe or the table cannot be reached.
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

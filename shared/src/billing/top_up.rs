//! Creates a page at Stripe for buying credits.

use super::checkout::Departure;
use super::destination::Destination;
use super::hosted_page::{Begin, HostedPageRequest};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::stripe::Stripe;
use crate::stripe::checkout::Visit;

/// The minimum number of credits per purchase.
pub const MIN_CREDITS: u32 = 500;

/// The maximum number of credits per purchase.
pub const MAX_CREDITS: u32 = 1_000_000;

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
    /// Parses the number of credits.
    ///
    /// # Errors
    /// `InvalidField` if the number is below the minimum or above the maximum of a purchase.
    pub fn parse_credits(number: i64) -> Result<u32> {
        let credits =
            u32::try_from(number).ok().filter(|n| (MIN_CREDITS..=MAX_CREDITS).contains(n));
        credits.ok_or_else(|| {
            Error::invalid_field(
                "credits",
                format!("must be between {MIN_CREDITS} and {MAX_CREDITS}"),
            )
        })
    }
}

/// Creates a page on which the owner buys credits.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `BillingNotConfigured` if the deployment has no account at Stripe.
/// - `Unavailable` if Stripe or the table cannot be reached.
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

//! The limit on an organization's calls that reach Stripe.
//!
//! All organizations share one rate at Stripe (<https://docs.stripe.com/rate-limits>), which one of them must not
//! use up.

use std::time::Duration;

use crate::context::Context;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::throttle::Throttle;

/// Limits the calls of one organization that reach Stripe to sixty a minute. The number is our own choice: people stay
/// below it, and it leaves most of Stripe's rate to the others.
pub const STRIPE_THROTTLE: Throttle =
    Throttle { operation: "stripe", limit: 60, window: Duration::from_secs(60) };

/// Counts a call that is about to reach Stripe. The caller has been authorized, so strangers cannot use up the limit.
///
/// # Errors
/// `RateLimited` if the organization has made too many calls.
pub(super) async fn count_stripe_call(
    ctx: &Context,
    organization_id: &OrganizationId,
) -> Result<()> {
    STRIPE_THROTTLE.count_request_for(ctx, organization_id.as_str()).await
}

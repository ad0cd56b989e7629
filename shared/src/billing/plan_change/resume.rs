//! Takes back a cancellation or a scheduled downgrade.

use crate::billing::read_subscription::SubscriptionView;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::stripe::Stripe;

/// Takes back the cancellation of a subscription, and a scheduled downgrade. Does nothing if there is neither.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `NotSubscribed` if there is no live subscription.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `Contention` if other changes of the subscription kept interfering.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn resume_subscription(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<SubscriptionView> {
    let _ = (ctx, stripe, caller, organization_id);
    Err(Error::NotFound)
}

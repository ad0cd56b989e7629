//! Previews a change of plan.

use super::PlanChangePreview;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::stripe::Stripe;

/// Returns what a change to the plan of `price` costs now and when it takes effect. Changes nothing.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `InvalidField` if the price is not offered, `NotSubscribed` if there is no live subscription.
/// - `SubscriptionPastDue` if the current period is not paid, `SubscriptionEnding` if the subscription is canceled.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn preview_plan_change(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
    price: &str,
) -> Result<PlanChangePreview> {
    let _ = (ctx, stripe, caller, organization_id, price);
    Err(Error::NotFound)
}
